"""Closing a month, and the bank's file of repayments."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import bank, closing
from fundguard.web.fund.forms import MonthForm
from fundguard.web.fund.models import Close


class BankForm(forms.Form):
    file = forms.FileField(label="银行到账文件", help_text=f"CSV 或 .xlsx，首行须有：{'、'.join(bank.COLUMNS)}")


@require_POST
@require("propose.close")
def propose(request: HttpRequest) -> HttpResponse:
    form = MonthForm(request.POST, request.viewer)
    if not form.is_valid():
        raise Refusal("月份或者区划不能识别", where="表单", remedy="请返回月度清算重新选择")
    made = closing.propose(request.viewer, form.cleaned_data["region"], form.cleaned_data["month"])
    messages.success(request, "已提请关账，待另一人办理")
    return _back(made)


@require_POST
@require("do.close")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    made = closing.close(request.viewer, pk)
    messages.success(request, f"{made.month:%Y-%m} 已关账，后补的账目计入以后的月份")
    return _back(made)


@require("do.fund")
def bank_file(request: HttpRequest) -> HttpResponse:
    form = BankForm(request.POST or None, request.FILES or None)
    told = refused = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            if given.size > bank.LARGEST:
                raise Refusal("文件过大", where=given.name[:60], remedy=f"每次不超过 {bank.LARGEST >> 20} MB")
            told = bank.book_file(request.viewer, given.name, given.read())
        except Refusal as refusal:
            refused = refusal
        if told and told.booked:
            messages.success(request, f"已登记 {told.booked} 笔，{yuan(told.fen)} 元")
            return redirect("fund:demands")
    shown = {"form": form, "told": told, "refusal": refused}
    return render(request, "fund/bank.html", shown, status=422 if refused or told or form.errors else 200)


def _back(made: Close) -> HttpResponse:
    return redirect(f"{reverse('fund:clearing')}?month={made.month:%Y-%m}&region={made.region}")
