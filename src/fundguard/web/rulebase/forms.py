"""What somebody types of a rule, of its state, of a what-if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from fundguard import law
from fundguard.knowledge.own import takes_own
from fundguard.rules.rule import VERDICTS
from fundguard.rules.shape import Parameter, shapes
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.findings.selectors import rule_names
from fundguard.web.knowledge_base.models import Proposal
from fundguard.web.knowledge_base.selectors import proposals
from fundguard.web.rulebase.drafting import Draft
from fundguard.web.rulebase.models import Placement, Version

STAGES = ("事前", "事中", "事后")
SCENES = ("住院", "门（急）诊", "购药", "异地就医", "慢特病")
STORIES = """\
- 名称: 应当命中的情形
  就诊:
    - {方式: 门诊, 开始: 2026-05-01, 费用: [{项目: X000, 金额: 100, 预期: 可疑}]}
- 名称: 相似而不应命中的情形
  就诊:
    - {方式: 门诊, 开始: 2026-05-01, 费用: [{项目: X001, 金额: 100}]}
"""


def _text(label: str, help_text: str = "", *, required: bool = True, rows: int = 0, most: int = 200) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"}) if rows else forms.TextInput()
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget, max_length=most)


def _day(label: str, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _several(label: str, values: tuple[str, ...]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=[(one, one) for one in values], widget=forms.CheckboxSelectMultiple
    )


class VersionForm(forms.Form):
    """A rule of one shape; the shape's parameters become fields of their own, typed as declared."""

    name = _text("名称", most=60)
    klass = _text("类别", "如：本地规则/就诊行为", most=60)
    verdict = forms.ChoiceField(label="结果", choices=[(one, one) for one in VERDICTS])
    verdict_limit = forms.ChoiceField(
        label="结果上限", required=False, choices=[("", "不另设"), *((one, one) for one in VERDICTS)]
    )
    limit_reason = _text("上限原因", "凭结算数据不能定论时填写", required=False)
    stages = _several("环节", STAGES)
    scenes = _several("场景", SCENES)
    article = forms.ChoiceField(label="法律依据")
    message = _text("提示", "给审核人员看的一句话")
    papers = _text("申诉材料", "用顿号隔开，如：病历、医嘱")
    valid_from = _day("适用的费用日期从")
    valid_to = _day("到（不含）", required=False)
    notes = _text("说明", required=False, rows=2, most=500)
    points = _text("知识点", "每行一个：名称;编码 编码;days=30 times=1", required=False, rows=4, most=50_000)
    examples = _text(
        "示例",
        "写成就诊的故事；至少一例应当命中、一例完全不涉及。没有写“预期”的，就是不应命中。",
        rows=14,
        most=100_000,
    )
    note = _text("本次修改", "改了什么、为什么改", required=False)

    def __init__(self, data: Any, shape: str, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {"examples": STORIES, "verdict": "可疑", "stages": ["事后"]}))
        self.shape = shapes()[shape]
        refs = [(one.ref, f"{one.ref}　{one.label}") for one in law.articles()]
        self.fields["article"].choices = refs
        if not takes_own(self.shape.knowledge):
            del self.fields["points"]
        for parameter in self.shape.parameters:
            self.fields[f"set_{parameter.name}"] = _parameter_field(parameter)
        first = [name for name in self.fields if name.startswith("set_")]
        self.order_fields(["name", "klass", *first])

    def draft(self, code: str, excepted: Mapping[str, Any] | None = None) -> Draft:
        told = self.cleaned_data
        data: dict[str, Any] = {"code": code, "class": told["klass"], "shape": self.shape.name, "state": "draft"}
        data |= {name: told[name] for name in ("name", "verdict", "article", "message", "stages", "scenes")}
        data |= {name: told[name] for name in ("verdict_limit", "limit_reason", "notes") if told[name]}
        data |= {"papers": [one for one in told["papers"].replace(",", "、").split("、") if one.strip()], "version": 1}
        data |= {name: told[name].isoformat() for name in ("valid_from", "valid_to") if told[name]}
        values = {p.name: told[f"set_{p.name}"] for p in self.shape.parameters}
        data["parameters"] = {name: _value(value) for name, value in values.items() if value not in ("", None)}
        if excepted:
            data["excepted"] = dict(excepted)
        return Draft(data, told.get("points", ""), told["examples"], note=told["note"])


def initial_of(version: Version) -> dict[str, Any]:
    """The form filled with a version, to begin the next from."""
    data = version.data
    told = {name: data.get(name, "") for name in ("name", "verdict", "article", "message", "stages", "scenes")}
    told |= {
        name: data.get(name) or "" for name in ("verdict_limit", "limit_reason", "notes", "valid_from", "valid_to")
    }
    told |= {"klass": data["class"], "papers": "、".join(data["papers"])}
    told |= {"points": version.points, "examples": version.examples}
    for name, value in (data.get("parameters") or {}).items():
        told[f"set_{name}"] = f"law:{value['law']}" if isinstance(value, dict) else value
    return told


class PlacementForm(forms.Form):
    act = forms.ChoiceField(label="事项", choices=Placement.Act.choices)
    number = forms.ChoiceField(label="版本", help_text="发布以前的版本即为回退")
    region = forms.ChoiceField(label="区划", help_text="连同下级区划")
    institutions = _text(
        "定点机构", "只对这些机构发布时填写编码，用空格隔开；不填为全部", required=False, rows=2, most=20_000
    )
    reason = _text("理由", rows=2, most=500)

    def __init__(self, data: Any, viewer: Viewer, versions: list[Version]) -> None:
        super().__init__(data)
        self.fields["number"].choices = [
            (one.number, f"第 {one.number} 版 {one.get_origin_display()}") for one in versions
        ]
        self.fields["region"].choices = [(one.code, f"{one.name} {one.code}") for one in own_regions(viewer)]


class RegionForm(forms.Form):
    region = forms.ChoiceField(label="区划", help_text="连同下级区划")

    def __init__(self, data: Any, viewer: Viewer) -> None:
        super().__init__(data)
        self.fields["region"].choices = [(one.code, f"{one.name} {one.code}") for one in own_regions(viewer)]


class WhatIfForm(RegionForm):
    rules = forms.MultipleChoiceField(
        label="规则", widget=forms.SelectMultiple(attrs={"size": 10}), help_text="按住 Ctrl 可多选"
    )
    settings = _text(
        "改变的参数", "每行一个，如 days=30；选了几条规则的，写成 N31.days=30", required=False, rows=3, most=2000
    )
    proposal = forms.ModelChoiceField(
        None, label="知识库版本", required=False, empty_label="现行的", help_text="提出而尚未发布的版本"
    )
    note = _text("说明", required=False)

    def __init__(self, data: Any, viewer: Viewer) -> None:
        super().__init__(data, viewer)
        closed = (Proposal.State.PUBLISHED, Proposal.State.REJECTED)
        self.fields["proposal"].queryset = proposals(viewer).exclude(state__in=closed)
        self.fields["rules"].choices = [
            (code, f"{code} {name}") for code, name in rule_names().items() if not code.startswith("W")
        ]


class KeyForm(forms.Form):
    key = _text("公钥", "发布单位给出的 64 位十六进制数", most=64)
    issuer = _text("发布单位", most=100)


class PackForm(forms.Form):
    file = forms.FileField(label="规则包", help_text="发布单位签名的 zip 文件")


def _parameter_field(parameter: Parameter) -> forms.Field:
    label, required = parameter.about, parameter.required
    initial = parameter.default
    if parameter.one_of:
        choices = [(one, one) for one in parameter.one_of]
        return forms.ChoiceField(label=label, choices=choices, required=required, initial=initial)
    field = _text(label, f"{parameter.name}", required=required, most=60)
    field.initial = initial
    if parameter.type == "int":
        field.help_text = f"{parameter.name}：整数，或 law:参数名（因时因地而变的）"
    return field


def _value(text: Any) -> Any:
    """A number, a law parameter, or a word; what does not fit the shape is refused when the rule is read."""
    text = str(text).strip()
    if text.startswith("law:"):
        return {"law": text.removeprefix("law:")}
    return int(text) if text.lstrip("-").isdecimal() and text.isascii() else text
