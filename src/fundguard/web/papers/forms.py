"""The filter of the list of papers."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from fundguard.web.papers.own import own_kinds


class PaperFilter(forms.Form):
    q = forms.CharField(label="文号", required=False, max_length=60)
    kind = forms.ChoiceField(label="类别", required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("valid", "有效"), ("revoked", "已撤销")]
    )

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        numbered = [(kind.kind, kind.name) for kind in own_kinds().values() if kind.word]
        self.fields["kind"].choices = [("", "全部"), *numbered]
