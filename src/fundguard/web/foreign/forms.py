"""Forms of the pages of received lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from fundguard.findings.foreign import foreign_sources
from fundguard.web.desk.forms import TextField
from fundguard.web.foreign.reading import LONGEST_FILE, SUFFIXES, faults, list_columns

_DAY = {"type": "date"}
_SOURCES = [(source.code, source.name) for source in foreign_sources().values()]


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"), **options)


class ListFilter(forms.Form):
    q = forms.CharField(label="关键词", required=False, max_length=60)
    source = forms.ChoiceField(label="来源", required=False, choices=[("", "全部"), *_SOURCES])

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].widget.attrs["placeholder"] = "单位 / 文号 / 名称"


class ReceiveForm(forms.Form):
    """What the document says, and its list."""

    source = forms.ChoiceField(label="来源", choices=_SOURCES)
    sender = forms.CharField(label="来文单位", max_length=80)
    document = forms.CharField(label="来文文号", max_length=80, help_text="没有文号的，填写来文的日期和方式")
    title = forms.CharField(label="清单名称", max_length=120)
    received_on = _day("收到日期")
    due_on = _day("反馈期限", required=False, help_text="按来文所定的日期填写；来文没有规定的留空，不作逾期提示")
    file = forms.FileField(
        label="清单文件",
        help_text="CSV 或 Excel，只含一张表；列名行之上可以有标题。公式只取其值",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("收到日期不能晚于今天")
        return day

    def clean_file(self) -> UploadedFile:
        given = self.cleaned_data["file"]
        if PurePath(given.name).suffix.lower() not in SUFFIXES:
            raise forms.ValidationError(f"不支持的文件类型。可用类型：{' '.join(SUFFIXES)}")
        if given.size > LONGEST_FILE:
            raise forms.ValidationError(f"文件超过 {LONGEST_FILE >> 20} MB，请分成多份清单接收")
        return given

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        first, last = told.get("received_on"), told.get("due_on")
        if first and last and last < first:
            self.add_error("due_on", "反馈期限不能早于收到日期")
        return told


class ColumnsForm(forms.Form):
    """Which column of the file is which field; empty: the file has no such column."""

    def __init__(self, data: Mapping[str, Any] | None, heads: Sequence[str], guessed: Mapping[str, str]) -> None:
        super().__init__(data, initial=guessed)
        choices = [("", "（文件中没有）"), *((head, head) for head in dict.fromkeys(heads))]
        for name, column in list_columns().items():
            self.fields[name] = forms.ChoiceField(label=column.label, choices=choices, required=False)

    def columns(self) -> dict[str, str]:
        return {name: head for name, head in self.cleaned_data.items() if head}

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        for fault in faults({name: head for name, head in told.items() if head}):
            self.add_error(None, fault)
        return told


class DecideForm(forms.Form):
    """A person's word on a probable row."""

    choice = forms.CharField(max_length=4)
    same = forms.CharField(max_length=32, required=False)
    reason = TextField(label="理由", min_length=2)

    def clean_choice(self) -> int | None:
        said = self.cleaned_data["choice"]
        if said == "none":
            return None
        if not said.isdigit():
            raise forms.ValidationError("请选择一项")
        return int(said)
