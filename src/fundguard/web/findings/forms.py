"""The filter of the queue. Nothing in it names a person, so its address may be kept and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from fundguard.findings.schema import CAUSES
from fundguard.web.accounts.guard import Viewer
from fundguard.web.findings import selectors
from fundguard.web.findings.words import LEVELS

TABS = ("open", "明确违规", "可疑", "统计", "线索", "withdrawn")
CROSSING = (("", "全部"), ("in", "外地参保人在本地"), ("out", "本地参保人在外地"))


class QueueFilter(forms.Form):
    """Amounts are asked for in yuan. A field that cannot be read is left out of the filter and says so."""

    q = forms.CharField(label="关键词", required=False, max_length=60)
    rule = forms.ChoiceField(label="规则", required=False)
    cause = forms.ChoiceField(label="原因", required=False, choices=[("", "全部"), *((c, c) for c in CAUSES)])
    region = forms.ChoiceField(label="就医地", required=False)
    institution = forms.CharField(label="机构", required=False, max_length=60)
    level = forms.ChoiceField(label="等级", required=False, choices=[("", "全部"), *LEVELS.items()])
    crossing = forms.ChoiceField(label="异地", required=False, choices=CROSSING)
    least = forms.DecimalField(label="金额(元)从", required=False, min_value=0, max_digits=12, decimal_places=2)
    most = forms.DecimalField(label="到", required=False, min_value=0, max_digits=12, decimal_places=2)
    first = forms.DateField(label="发生日期从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    tab = forms.ChoiceField(required=False, choices=[(t, t) for t in TABS], widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        names = selectors.rule_names()
        self.fields["rule"].choices = [("", "全部"), *((code, f"{code} {name}") for code, name in names.items())]
        regions = selectors.region_names()
        self.fields["region"].choices = [("", "全部"), *((c, n) for c, n in regions.items() if c in viewer.regions)]
        self.fields["q"].widget.attrs["placeholder"] = "编号 / 机构 / 规则 / 项目编码"
        self.fields["institution"].widget.attrs["placeholder"] = "编号或名称"
        if viewer.institutions is not None:
            for name in ("region", "crossing", "level"):
                del self.fields[name]


def wanted(data: Mapping[str, str], viewer: Viewer) -> dict[str, Any]:
    """What the filter asks for; fields with a fault are not in it."""
    form = QueueFilter(data, viewer)
    form.is_valid()
    return form.cleaned_data
