"""Forms of the case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from fundguard.web.core.files import Files
from fundguard.web.desk.forms import TextField
from fundguard.web.evidence import kinds
from fundguard.web.evidence.checking import FORMS
from fundguard.web.evidence.models import LinePaper

LINES_OFFERED = 100  # above, a file speaks of all lines
STATES = tuple(LinePaper.State.choices)


class FilesField(forms.FileField):
    """One or more files; what they are is told by their content, later."""

    def __init__(self, **options: Any) -> None:
        endings = [FORMS[form][0] for form in settings.ATTACHMENT_FORMS]
        attrs = {"accept": ",".join(endings), "data-most": str(settings.ATTACHMENT_LIMIT_MB)}
        told = "、".join(ending.lstrip(".").upper() for ending in endings)
        help_text = f"可多选。{told}，每个不超过 {settings.ATTACHMENT_LIMIT_MB} MB；照片中的位置、设备等信息会被清除。"
        super().__init__(widget=Files(attrs=attrs), help_text=help_text, **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class UploadForm(forms.Form):
    files = FilesField(label="文件")
    kind = forms.ChoiceField(label="材料")
    lines = forms.MultipleChoiceField(
        label="涉及的费用明细", required=False, widget=forms.CheckboxSelectMultiple, help_text="不选即涉及全部明细。"
    )
    shown = forms.BooleanField(label="机构可以查看", required=False)

    def __init__(
        self, data: Any, files: Any, rule_code: str, lines: Sequence[tuple[str, str]], *, office: bool
    ) -> None:
        super().__init__(data, files)
        self.fields["kind"].choices = [(kind, kind) for kind in kinds.offered(rule_code)]
        self.fields["lines"].choices = lines
        if not 1 < len(lines) <= LINES_OFFERED:
            del self.fields["lines"]
        if not office:
            del self.fields["shown"]


class CommentForm(forms.Form):
    text = TextField(label="备注", help_text="机构看不到。写入后不能修改，只能划去。不要写姓名、证件号码和电话。")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", min_length=6, max_length=200)


def marked(
    data: Mapping[str, str], lines: Sequence[str], shown: Sequence[str], wanted: Sequence[str]
) -> dict[tuple[str, str], str]:
    """(line, kind) → state, from the table: `all:K` speaks of all `lines` for the K-th kind and goes before the single
    cells `state:K:LINE` of those `shown`."""
    known = dict(STATES)
    told: dict[tuple[str, str], str] = {}
    for place, kind in enumerate(wanted):
        told |= {(line, kind): state for line in shown if (state := data.get(f"state:{place}:{line}")) in known}
        if (state := data.get(f"all:{place}")) in known:
            told |= {(line, kind): state for line in lines}
    return told
