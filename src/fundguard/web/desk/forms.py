"""The filter of the desk, and the form of a step made from the papers it needs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from fundguard import law
from fundguard.findings.schema import VERDICTS
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
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

    def __init__(self, data: Mapping[str, Any] | None, row: StateRow, item: Item, step: Step) -> None:
        first = {"version": row.version, "request": str(uuid.uuid4())}
        super().__init__(data, initial=first)
        self.codes = tuple(code for code in step.needs if code not in MADE)
        for code in self.codes:
            self.fields[code] = _field(code, row, item)

    def papers(self) -> dict[str, Any]:
        return {code: self.cleaned_data[code] for code in self.codes}


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
