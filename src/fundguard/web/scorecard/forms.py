"""Filter of the scorecard, and a reviewer's word on a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.desk.forms import TextField
from fundguard.web.findings import selectors as findings
from fundguard.web.findings.words import LEVELS
from fundguard.web.scorecard.selectors import DIMENSIONS, KINDS

ALL = ("", "全部")


def _month(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    return forms.DateField(label=label, input_formats=["%Y-%m"], widget=widget, required=False)


class ScoreFilter(forms.Form):
    by = forms.ChoiceField(label="分组", required=False, choices=[(k, title) for k, (_, title) in DIMENSIONS.items()])
    rule = forms.ChoiceField(label="规则", required=False)
    region = forms.ChoiceField(label="区划", required=False)
    kind = forms.ChoiceField(label="机构类别", required=False, choices=[ALL, *KINDS.items()])
    level = forms.ChoiceField(label="机构等级", required=False, choices=[ALL, *LEVELS.items()])
    first = _month("发现月份从")
    last = _month("到")

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        names = findings.rule_names()
        self.fields["rule"].choices = [ALL, *((code, f"{code} {name}") for code, name in names.items())]
        self.fields["region"].choices = [ALL, *((one.code, one.name) for one in own_regions(viewer))]

    def asked(self) -> dict[str, Any]:
        """What it asks for; fields with a fault are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OpinionForm(forms.Form):
    accept = forms.ChoiceField(choices=[("yes", "采纳"), ("no", "不采纳")])
    opinion = TextField(label="审核意见", min_length=2)
