"""What somebody wants recalled, as it is typed."""

from __future__ import annotations

from django import forms

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.recall.services import Asked
from fundguard.web.rulebase import lookup


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class RecallForm(forms.Form):
    rule = forms.ChoiceField(label="规则")
    points = forms.CharField(
        label="知识点",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每行一个知识点编号；不填为撤回整条规则",
    )
    region = forms.ChoiceField(label="区划", help_text="连同下级区划")
    first = _day("发生日期从")
    last = _day("到")

    def __init__(self, data: object, viewer: Viewer) -> None:
        super().__init__(data)
        self.fields["rule"].choices = [(code, f"{code} {name}") for code, name in lookup.every_name().items()]
        self.fields["region"].choices = [(r.code, r.name) for r in own_regions(viewer)]

    def asked(self) -> Asked:
        told = self.cleaned_data
        points = tuple(dict.fromkeys(told["points"].split()))
        return Asked(told["rule"], told["region"], points, told["first"], told["last"])
