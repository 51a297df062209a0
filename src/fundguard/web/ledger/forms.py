"""The filter of the ledger. Nothing in it names an insured person, so its address may be kept and passed on."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from fundguard.web.ledger import selectors


class LedgerFilter(forms.Form):
    """A field that cannot be read is left out of the filter and says so."""

    actor = forms.CharField(label="办理人", required=False, max_length=60)
    act = forms.ChoiceField(label="事项", required=False)
    kind = forms.ChoiceField(label="对象", required=False)
    number = forms.CharField(label="对象编号", required=False, max_length=60)
    first = forms.DateField(label="日期从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        for field, column in (("act", "act"), ("kind", "object_kind")):
            self.fields[field].choices = [("", "全部"), *((word, word) for word in selectors.words(column))]
        self.fields["actor"].widget.attrs["placeholder"] = "账号或姓名"
        self.fields["number"].widget.attrs["placeholder"] = "编号或末几位"
