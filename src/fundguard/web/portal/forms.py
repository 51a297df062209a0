"""The filter of the own list, inner questions and their answers, the upload of a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from fundguard.web.accounts.guard import Viewer
from fundguard.web.desk.forms import ALL, TextField
from fundguard.web.findings import selectors as findings
from fundguard.web.portal import selectors
from fundguard.web.portal.models import Question

LARGEST = 20  # MB of an uploaded sheet


class OwnFilter(forms.Form):
    q = forms.CharField(label="编号", required=False, max_length=80)
    state = forms.ChoiceField(label="状态", required=False)
    rule = forms.ChoiceField(label="规则", required=False)
    department = forms.ChoiceField(label="科室", required=False)
    practitioner = forms.ChoiceField(label="医师", required=False)
    institution = forms.ChoiceField(label="机构", required=False)
    due = forms.ChoiceField(label="期限", required=False, choices=[ALL, ("soon", "三日内届满"), ("late", "已逾期")])
    tab = forms.ChoiceField(required=False, choices=[("", ""), *selectors.TABS.items()], widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        names, offered = findings.rule_names(), selectors.choices(viewer)
        self.fields["q"].widget.attrs["placeholder"] = "疑点、住院/门诊号、病历号、目录编码"
        self.fields["state"].choices = [ALL, *((one, one) for one in dict.fromkeys(selectors.TOLD.values()))]
        self.fields["rule"].choices = [ALL, *((code, f"{code} {names.get(code, '')}") for code in offered["rule"])]
        for name in ("department", "practitioner", "institution"):
            self.fields[name].choices = [ALL, *((one, one) for one in offered[name])]
        if len(offered["institution"]) < 2:
            del self.fields["institution"]

    def asked(self) -> dict[str, Any]:
        """What it asks for; fields with a fault are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AskForm(forms.Form):
    """To a department or a doctor, by an inner day."""

    to = forms.ChoiceField(label="发给")
    text = TextField(label="问题")
    due_on = forms.DateField(label="内部期限", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Mapping[str, Any] | None, offered: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="ask_%s")
        self.fields["to"].choices = list(offered.items())


class StatementForm(forms.Form):
    advice = forms.ChoiceField(label="意见", choices=Question.Advice.choices, widget=forms.RadioSelect)
    statement = TextField(label="情况说明")


class SeatForm(forms.Form):
    department = forms.ChoiceField(label="科室")
    account = forms.ChoiceField(label="账号")

    def __init__(self, data: Mapping[str, Any] | None, departments: list[str], accounts: Mapping[str, str]) -> None:
        super().__init__(data)
        self.fields["department"].choices = [(one, one) for one in departments]
        self.fields["account"].choices = list(accounts.items())


class SheetForm(forms.Form):
    file = forms.FileField(
        label="答复表",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=f"从本页下载、填写后的 Excel 文件（.xlsx），不超过 {LARGEST} MB",
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if PurePath(file.name or "").suffix.lower() != ".xlsx":
            raise forms.ValidationError("请上传 .xlsx 文件；旧版 .xls 请先另存为 .xlsx")
        if (file.size or 0) > LARGEST << 20:
            raise forms.ValidationError(f"文件超过 {LARGEST} MB，请删去多余的工作表和空行，或者分几次填写")
        return file
