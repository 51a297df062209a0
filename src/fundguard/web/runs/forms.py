"""The form that starts a run."""

from __future__ import annotations

from typing import Any

from django import forms

from fundguard.rules import catalogue
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import own_regions
from fundguard.web.rulebase import lookup


class RunForm(forms.Form):
    region = forms.ChoiceField(
        label="核查区划",
        help_text="包括下级区划。读取全部数据，只写出这些就医地的疑点。",
        error_messages={"invalid_choice": "您的管辖范围内没有这个区划"},
    )
    rules = forms.MultipleChoiceField(
        label="规则",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 12}),
        help_text="不选即运行全部已发布的规则；按住 Ctrl 可多选。",
    )
    known_on = forms.DateField(
        label="数据截至日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="填写后按当日以前收到的数据核查，结果仅供查阅，不更新疑点。",
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [
            (region.code, "　" * (region.depth - viewer.user.region.depth) + f"{region.name} {region.code}")
            for region in own_regions(viewer)
        ]
        self.fields["rules"].choices = [
            (rule.code, f"{rule.code} {rule.name}") for rule in catalogue.load().values() if rule.state == "published"
        ] + [(code, f"{code} {name}") for code, name in lookup.names().items()]
