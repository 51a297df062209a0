"""What a version and a catalogue are handed in as."""

from __future__ import annotations

from django import forms

from fundguard.knowledge.prose import READINGS
from fundguard.rules import catalogue
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.knowledge_base.models import Catalogue, Proposal
from fundguard.web.knowledge_base.reading import Asked


def _day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget)


def _file(accept: str, help_text: str) -> forms.FileField:
    return forms.FileField(label="文件", help_text=help_text, widget=forms.FileInput(attrs={"accept": accept}))


class ProposalForm(forms.Form):
    form = forms.ChoiceField(label="形式", choices=Proposal.Form.choices)
    rule_code = forms.ChoiceField(label="规则", required=False, help_text="官方工作簿按一条规则一个文件导入")
    title = forms.CharField(label="名称", max_length=120)
    batch = forms.CharField(label="批次", max_length=60, help_text="发布机关的批次名称或者文号")
    valid_from = _day("适用起始日", "批次的公布日期；此前发生的费用不按本批次判断")
    region = forms.ChoiceField(label="区划", help_text="发布后适用于该区划及下级区划")
    whole = forms.BooleanField(
        label="整份清单", required=False, help_text="文件是该规则的全部知识点，没有列出的自适用起始日起终止"
    )
    file = _file(".xlsx,.zip", "官方工作簿、平台模板（.xlsx），或者 CSV 文件的压缩包（.zip）")
    reason = forms.CharField(
        label="说明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="写明依据的文件，不写个人信息"
    )

    def __init__(self, data: object, files: object, viewer: Viewer) -> None:
        super().__init__(data, files)
        names = {code: rule.name for code, rule in catalogue.load().items()}
        rules = [(code, f"{code} {names.get(code, '')}".strip()) for code in READINGS]
        self.fields["rule_code"].choices = [("", "（模板和压缩包不选）"), *rules]
        self.fields["region"].choices = [(region.code, region.name) for region in own_regions(viewer)]

    def clean(self) -> dict[str, object]:
        told = super().clean()
        official = told.get("form") == Proposal.Form.OFFICIAL
        if official and not told.get("rule_code"):
            self.add_error("rule_code", "请选择规则")
        if not official:
            told["rule_code"] = ""
        if told.get("form") == Proposal.Form.FOLDER and told.get("whole"):
            self.add_error("whole", "压缩包按所列的知识点更新，要终止的知识点请写明有效期止")
        return told

    def asked(self) -> Asked:
        names = ("form", "region", "batch", "valid_from", "rule_code", "whole")
        return Asked(**{name: self.cleaned_data[name] for name in names})


class CatalogueForm(forms.Form):
    kind = forms.ChoiceField(label="目录", choices=Catalogue.Kind.choices)
    title = forms.CharField(label="名称", max_length=120, help_text="如：国家医保药品编码数据库")
    day = _day("目录日期", "发布机关公布的日期")
    file = _file(".xlsx,.csv", "一张工作表或者 UTF-8 的 CSV，含“编码”“名称”两列")
