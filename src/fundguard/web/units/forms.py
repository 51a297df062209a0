"""The register of who answers for whom."""

from __future__ import annotations

from django import forms

from fundguard.web.units.models import Unit

_DAY = {"type": "date"}


class UnitForm(forms.Form):
    head_code = forms.CharField(label="答复机构编号（总部或者乡镇卫生院）", max_length=40)
    unit_code = forms.CharField(label="单位编号（门店或者村卫生室）", max_length=40)
    kind = forms.ChoiceField(label="关系", choices=Unit.Kind.choices)
    since = forms.DateField(label="从", widget=forms.DateInput(attrs=_DAY))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs=_DAY), help_text="不填为长期")
    basis = forms.CharField(label="依据", max_length=200, help_text="如联合协议的名称和编号")


class EndForm(forms.Form):
    until = forms.DateField(label="最后一日", widget=forms.DateInput(attrs=_DAY))
