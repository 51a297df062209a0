"""The filter of the desk, and the form of a step made from the papers it needs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from fundguard import law
from fundguard.findings.schema import VERDICTS
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.desk.files import NUMBER
from fundguard.web.desk.models import Drawn, StateRow
from fundguard.web.desk.selectors import MADE
from fundguard.web.findings import selectors as findings
from fundguard.workflows.history import Item
from fundguard.workflows.papers import LONGEST_TEXT, PAPERS
from fundguard.workflows.parts import Step
from fundguard.workflows.regions import VARIANTS

ALL = ("", "全部")
STATES = tuple(dict.fromkeys(state.code for flow in VARIANTS.values() for state in flow.states))
#: Identity numbers and mobile numbers: an opinion needs neither.
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


class DeskFilter(forms.Form):
    rule = forms.ChoiceField(label="规则", required=False)
    institution = forms.CharField(label="机构编号", required=False, max_length=40)
    region = forms.ChoiceField(label="就医地", required=False)
    verdict = forms.ChoiceField(label="结果", required=False, choices=[ALL, *((v, v) for v in VERDICTS)])
    whose = forms.ChoiceField(label="经办人", required=False, choices=[ALL, ("mine", "本人"), ("nobody", "未分派")])
    late = forms.BooleanField(label="只看逾期", required=False)
    state = forms.ChoiceField(required=False, choices=[ALL, *((s, s) for s in STATES)], widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, str], viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        names = findings.rule_names()
        self.fields["rule"].choices = [ALL, *((code, f"{code} {name}") for code, name in names.items())]
        regions = findings.region_names()
        self.fields["region"].choices = [ALL, *((c, n) for c, n in regions.items() if c in viewer.regions)]

    def asked(self) -> dict[str, Any]:
        """What it asks for; fields with a fault are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class YuanField(forms.DecimalField):
    """Asked for in yuan, given on in fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal("0.01"), max_digits=14, decimal_places=2, **options)

    def clean(self, value: Any) -> int | None:
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class StepForm(forms.Form):
    """The papers of a step, the version that the page showed, and the number of this form."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    request = forms.CharField(max_length=36, widget=forms.HiddenInput)

    def __init__(  # noqa: PLR0913 (what was sent, and what it is about)
        self,
        data: Mapping[str, Any] | None,
        row: StateRow,
        item: Item,
        step: Step,
        *,
        files: Any = None,
        kept: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        """`kept` are the attachments of the item; None where a form speaks of many items and takes no files."""
        first = {"version": row.version, "request": str(uuid.uuid4())}
        super().__init__(data, files, initial=first)
        self.codes = tuple(code for code in step.needs if code not in MADE)
        self.filed = tuple(code for code in self.codes if PAPERS[code].kind == "file" and kept is not None)
        for code in self.codes:
            if code in self.filed:
                self.fields |= _file_fields(code, kept or ())
            else:
                self.fields[code] = _field(code, row, item)

    def clean(self) -> dict[str, Any]:
        """Of the three ways to bring a file exactly one."""
        told = self.cleaned_data
        for code in self.filed:
            ways = [name for name in (f"{code}_file", f"{code}_kept", code) if told.get(name)]
            if not ways and not self.errors:
                self.add_error(f"{code}_file", "请上传附件，或者选用案卷中的附件，或者填写纸质材料的文号、名称")
            elif len(ways) > 1:
                self.add_error(ways[-1], "只用一种方式提交")
        return told

    def papers(self) -> dict[str, Any]:
        """What was filled in; files that were sent are in `sent`."""
        told = self.cleaned_data
        return {code: told.get(f"{code}_kept") or told[code] for code in self.codes if code not in self.sent()}

    def sent(self) -> dict[str, Any]:
        return {code: self.cleaned_data[f"{code}_file"] for code in self.filed if self.cleaned_data[f"{code}_file"]}


def _file_fields(code: str, kept: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    name = PAPERS[code].name
    most = settings.ATTACHMENT_LIMIT_MB
    upload = forms.FileInput(attrs={"data-most": str(most)})
    told = f"存入案卷，不超过 {most} MB"
    made = {f"{code}_file": forms.FileField(label=f"{name}：上传附件", required=False, widget=upload, help_text=told)}
    if kept:
        label = f"{name}：或者选用案卷中的附件"
        made[f"{code}_kept"] = forms.ChoiceField(label=label, required=False, choices=[("", "不选用"), *kept])
    return made | {code: ReferenceField(label=f"{name}：或者填写纸质材料的文号、名称", required=False)}


def _field(code: str, row: StateRow, item: Item) -> forms.Field:
    paper = PAPERS[code]
    if paper.kind in ("lines", "other_lines"):
        choices = [(line, f"{line}　{row.lines[line] / 100:,.2f} 元") for line in sorted(item.lines_now)]
        return forms.MultipleChoiceField(
            label=paper.name,
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            required=paper.kind == "lines" and bool(choices),
            help_text="未选的明细不视为认可" if paper.kind == "other_lines" else "",
        )
    if paper.kind == "articles":
        return forms.MultipleChoiceField(label=paper.name, choices=_articles())
    if paper.kind == "file":
        return ReferenceField(label=paper.name)
    if paper.kind in ("amount", "part_amount"):
        return YuanField(label=f"{paper.name}（元）", help_text=f"不超过 {item.amount_now / 100:,.2f} 元")
    return TextField(label=paper.name)


def _articles() -> list[tuple[str, str]]:
    """What can be cited today."""
    today = timezone.localdate()
    return [(one.ref, f"{one.cited} {one.label}") for one in law.articles() if one.in_force(today)]


class TextField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if _IDENTITY.search(text):
            raise forms.ValidationError("请不要填写证件号码和电话号码，可以写疑点编号")
        return text


class ReferenceField(TextField):
    """A paper of the case file, by the number and name under which it is kept there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text="填写文号或者案卷编号、名称，如“整改报告 2026-3 号”", **options)
        self.widget = forms.TextInput(attrs={"maxlength": 200})
        self.validators.append(MaxLengthValidator(200))

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if NUMBER.fullmatch(text):
            raise forms.ValidationError("案卷中的附件请从列表选用，不要填写编号")
        return text


class LendForm(forms.Form):
    """Both days included."""

    principal = forms.ChoiceField(label="请假人")
    substitute = forms.ChoiceField(label="代办人")
    since = forms.DateField(label="从", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, known: Sequence[User], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self._known = {str(user.pk): user for user in known}
        for name in ("principal", "substitute"):
            self.fields[name].choices = [(key, str(user)) for key, user in self._known.items()]

    def clean_principal(self) -> User:
        return self._known[self.cleaned_data["principal"]]

    def clean_substitute(self) -> User:
        return self._known[self.cleaned_data["substitute"]]


class RecuseForm(forms.Form):
    institution = forms.CharField(label="定点机构编号", max_length=40)
    reason = forms.CharField(label="原因", max_length=200)


class FreezeForm(forms.Form):
    source = forms.CharField(
        label="公开数值的来源",
        max_length=200,
        help_text="封存之后才产生、任何人可以查到的数值，如某日某期福利彩票开奖号码",
    )


class DrawForm(forms.Form):
    value = forms.CharField(label="公开数值", max_length=200)
    known_at = forms.DateTimeField(label="公开时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class AnswerForm(forms.Form):
    said = forms.ChoiceField(label="复审结论", choices=Drawn.Answer.choices, widget=forms.RadioSelect)
    opinion = TextField(label="复审意见")
