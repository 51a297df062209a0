"""Forms of both sides of a self-check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from fundguard.findings.funds import PATIENT, fund_accounts
from fundguard.web.desk.forms import TextField, YuanField
from fundguard.web.selfcheck.models import Audience, Checked, ProblemList, Reported

_REFS = 100_000  # signs
_FUND = "fund_"


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **options)


class ProblemForm(forms.Form):
    number = forms.CharField(label="序号", max_length=10)
    field = forms.CharField(label="领域", max_length=40)
    kind = forms.CharField(label="类型", max_length=40)
    text = forms.CharField(label="问题", max_length=300)
    audience = forms.ChoiceField(label="适用", choices=Audience.choices)


class CampaignForm(forms.Form):
    title = forms.CharField(label="名称", max_length=120)
    fields_asked = forms.MultipleChoiceField(
        label="领域", required=False, widget=forms.CheckboxSelectMultiple, help_text="不选为清单的全部领域"
    )
    data_from = _day("自查费用从")
    data_to = _day("自查费用到")
    starts_on = _day("自查开始")
    due_on = _day("报告截止")

    def __init__(self, data: Mapping[str, Any] | None, listed: ProblemList) -> None:
        super().__init__(data)
        names = dict.fromkeys(listed.problems.values_list("field", flat=True))
        self.fields["fields_asked"].choices = [(one, one) for one in names]

    def given(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        return told | {"fields": told.pop("fields_asked")}


class ReportedForm(forms.Form):
    """What was found of one problem. A refund is told by the fund account that paid it."""

    outcome = forms.ChoiceField(label="结果", choices=Reported.Outcome.choices, widget=forms.RadioSelect)
    how = forms.ChoiceField(label="依据", required=False, choices=[("", "—"), *Reported.How.choices])
    refs = forms.CharField(
        label="编号", required=False, max_length=_REFS, widget=forms.Textarea(attrs={"rows": 4}), help_text="一行一个"
    )
    first = _day("从", required=False)
    last = _day("到", required=False)

    def __init__(self, data: Mapping[str, Any] | None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for code, account in fund_accounts().items():
            if code != PATIENT:
                self.fields[f"{_FUND}{code}"] = YuanField(label=f"退回{account.name}（元）", required=False)
        self.fields["note"] = TextField(label="情况和整改", required=False)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("outcome") != Reported.Outcome.FOUND:
            return told
        if not told.get("how"):
            self.add_error("how", "发现问题的，请选择依据")
        elif told["how"] == Reported.How.PERIOD and not (told.get("first") and told.get("last")):
            self.add_error("first", "请填写起止日期")
        if not told.get("note"):
            self.add_error("note", "请写明情况和整改措施")
        return told

    def given(self) -> dict[str, Any]:
        told = self.cleaned_data
        amounts = {name.removeprefix(_FUND): fen for name, fen in told.items() if name.startswith(_FUND) and fen}
        kept = ("outcome", "how", "refs", "first", "last", "note")
        return {name: told[name] for name in kept} | {"amounts": amounts}


def first_told(told: Reported | None) -> dict[str, Any]:
    """What stands in the form before it is changed."""
    if told is None:
        return {}
    kept = {name: getattr(told, name) for name in ("outcome", "how", "refs", "first", "last", "note")}
    return kept | {f"{_FUND}{code}": f"{fen / 100:.2f}" for code, fen in told.amounts.items()}


class SignForm(forms.Form):
    signed_as = forms.CharField(
        label="签批依据", max_length=200, help_text="如“院长办公会 2026 年第 8 次会议”，不写姓名"
    )


class FreezeForm(forms.Form):
    percent = forms.IntegerField(label="抽查比例（%）", min_value=1, max_value=100)
    source = forms.CharField(label="公开数值的来源", max_length=200, help_text="封存之后才产生、任何人可以查到的数值")


class CheckForm(forms.Form):
    outcome = forms.ChoiceField(label="抽查结果", choices=Checked.Outcome.choices, widget=forms.RadioSelect)
    note = TextField(label="核查情况")
