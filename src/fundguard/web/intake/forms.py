"""Forms of the import pages."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from fundguard.claims.intake.mapping import shipped
from fundguard.claims.intake.sources import EXCEL, PARQUET, TEXT
from fundguard.web.core.files import Files

SUFFIXES = sorted(TEXT | EXCEL | PARQUET | {".zip"})
ENCODINGS = (("", "自动识别"), ("utf-8", "UTF-8"), ("gb18030", "GB18030"))


class FilesField(forms.FileField):
    """One or more files, each of a known kind, together within the size limit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Files(attrs={"accept": ",".join(SUFFIXES)}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(one, initial) for one in given]
        wrong = [one.name for one in files if PurePath(one.name).suffix.lower() not in SUFFIXES]
        if wrong:
            raise forms.ValidationError(f"不支持的文件类型：{'、'.join(wrong[:3])}。可用类型：{' '.join(SUFFIXES)}")
        if sum(one.size for one in files) > settings.UPLOAD_LIMIT_MB << 20:
            raise forms.ValidationError(
                f"文件合计超过 {settings.UPLOAD_LIMIT_MB} MB，请分批上传，或由管理员用命令行导入。"
            )
        return files


class UploadForm(forms.Form):
    files = FilesField(
        label="数据文件", help_text="可多选。文件名即表名，如 fee_list_d.csv；支持 CSV、Excel、Parquet 和 zip。"
    )
    mapping = forms.ChoiceField(
        label="对照文件", required=False, help_text="国家标准格式不需要；其他格式选择相应的对照。"
    )
    encoding = forms.ChoiceField(label="文本编码", required=False, choices=ENCODINGS)
    as_of = forms.DateTimeField(
        label="数据截至时刻",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="仅在数据没有更新时间（updt_time）时填写，用于判断版本先后。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mapping"].choices = [("", "国家标准表"), *((name, name) for name in shipped())]


class QualityFilter(forms.Form):
    institution = forms.CharField(label="机构编号或名称", required=False, max_length=60)
    table = forms.ChoiceField(label="数据表", required=False)
    month = forms.RegexField(r"^\d{6}$", label="月份", required=False, error_messages={"invalid": "月份写作 202609"})
    section = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, tables: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [("", "全部"), *tables.items()]
        self.fields["month"].widget.attrs["placeholder"] = "如 202609"


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", min_length=6, max_length=500)
