"""Filter and entry forms. Amounts are typed in yuan with at most two decimals and become fen exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.fund.book import ACTS
from fundguard.web.fund.selectors import STATES

_DAY = {"type": "date"}
PAYERS = (("fund", "基金"), ("patient", "参保人个人负担"))


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"), **options)


def _yuan() -> forms.DecimalField:
    return forms.DecimalField(label="金额（元）", min_value=Decimal("0.01"), max_digits=14, decimal_places=2)


def fen(yuan: Decimal) -> int:
    return int(yuan * 100)


class DemandFilter(forms.Form):
    q = forms.CharField(label="关键词", required=False, max_length=60)
    region = forms.ChoiceField(label="区划", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *STATES.items()])
    first = _day("认定日期从", required=False)
    last = _day("到", required=False)

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].widget.attrs["placeholder"] = "编号 / 机构 / 文书号 / 疑点"
        if viewer.institutions is None:
            self.fields["region"].choices = [("", "全部"), *((r.code, r.name) for r in own_regions(viewer))]
        else:
            del self.fields["region"]


class BookForm(forms.Form):
    """A refusal at settlement, a repayment, money given back to the institution."""

    act = forms.ChoiceField(label="事项", choices=[(a.code, a.name) for a in ACTS.values() if a.by_hand])
    payer = forms.ChoiceField(label="账户", choices=PAYERS, help_text="基金部分按各基金账户的余额分摊")
    amount = _yuan()
    effective_on = _day("发生日期", help_text="到账日、结算日或返还日")
    voucher = forms.CharField(label="凭证号", max_length=80, help_text="银行回单号或结算单号，同一凭证只登记一次")
    note = forms.CharField(label="说明", max_length=500, required=False)


class WriteOffForm(forms.Form):
    amount = _yuan()
    reason = forms.CharField(label="核销理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PlanForm(forms.Form):
    count = forms.IntegerField(label="期数", min_value=2, max_value=60, help_text="每月一期，金额均分，尾差在前几期")
    first = _day("首期应退日期")
    reason = forms.CharField(label="分期理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class VoidForm(forms.Form):
    booking = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="冲正理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PeriodForm(forms.Form):
    """A period that defaults to the year so far."""

    first = _day("从")
    last = _day("到")

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> tuple[PeriodForm, date, date]:
        today = timezone.localdate()
        form = cls({"first": today.replace(month=1, day=1), "last": today} | {k: query[k] for k in query if query[k]})
        if form.is_valid() and form.cleaned_data["first"] <= form.cleaned_data["last"]:
            return form, form.cleaned_data["first"], form.cleaned_data["last"]
        return form, today.replace(month=1, day=1), today


class MonthForm(forms.Form):
    """A month as the browser's month field sends it (yyyy-mm), and a division of the viewer's."""

    month = forms.DateField(
        label="月份", input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    )
    region = forms.ChoiceField(label="区划", required=False)

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        given = {"month": f"{timezone.localdate():%Y-%m}"} | {k: data[k] for k in data if data[k]}
        super().__init__(given, auto_id="filter_%s")
        self.fields["region"].choices = [("", "全部"), *((r.code, r.name) for r in own_regions(viewer))]
