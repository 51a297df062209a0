"""Forms of account administration."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from fundguard.web.accounts import selectors
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import Region, User
from fundguard.web.accounts.posts import Post
from fundguard.web.accounts.roles import ROLES
from fundguard.web.core import store

_ROLE_CHOICES = [(role.code, role.name) for role in ROLES.values()]
INSTITUTION = re.compile(r"[A-Za-z0-9]{6,30}")


class AccountFilter(forms.Form):
    q = forms.CharField(label="关键词", required=False, max_length=60)
    role = forms.ChoiceField(label="岗位", required=False, choices=[("", "全部"), ("none", "未分派"), *_ROLE_CHOICES])
    region = forms.ChoiceField(label="区划", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("on", "在用"), ("off", "停用")])

    def __init__(self, data: Any, viewer: Viewer) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].widget.attrs["placeholder"] = "账号 / 姓名 / 人员编号"
        self.fields["region"].choices = [("", "全部"), *((r.code, r.name) for r in selectors.own_regions(viewer))]


class PostForm(forms.Form):
    """A post: who, what, where. Institutions only where the role sees its own institution."""

    display_name = forms.CharField(label="姓名", max_length=60)
    staff_no = forms.RegexField(
        r"^[A-Za-z0-9-]{2,40}$",
        label="人员编号",
        help_text="单位内部的人员编号，同一人的各个账号填同一编号；不要填身份证号码。",
        error_messages={"invalid": "请填 2 至 40 位字母、数字或短横线。"},
    )
    role = forms.ChoiceField(label="岗位", choices=[("", "请选择"), *_ROLE_CHOICES])
    region = forms.ModelChoiceField(label="区划", queryset=Region.objects.none(), to_field_name="code")
    institutions = forms.CharField(
        label="定点医药机构编号",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="仅机构岗位填写；多个编号用空格或换行分开。",
    )
    practitioner = forms.CharField(label="医师代码", required=False, max_length=60, help_text="仅医师岗位填写。")

    def __init__(self, data: Any, viewer: Viewer, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.viewer = viewer
        codes = [region.code for region in selectors.own_regions(viewer)]
        self.fields["region"].queryset = Region.objects.filter(code__in=codes).order_by("path")

    def clean_staff_no(self) -> str:
        told = self.cleaned_data["staff_no"]
        if re.fullmatch(r"\d{15}|\d{17}[\dXx]|1\d{10}", told):
            raise forms.ValidationError("这像身份证号码或手机号码，请改填单位内部的人员编号。")
        return told

    def clean_institutions(self) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(self.cleaned_data["institutions"].split()))
        for code in codes:
            if not INSTITUTION.fullmatch(code):
                raise forms.ValidationError(f"机构编号“{code[:30]}”的格式不对。")
        if unknown := _unknown(self.viewer, codes):
            raise forms.ValidationError(f"管辖范围内没有编号为 {unknown} 的机构。")
        return codes

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        role = ROLES.get(told.get("role", ""))
        if role and role.own_institution and "institutions" in told and not told["institutions"]:
            self.add_error("institutions", "该岗位须填写所属机构的编号。")
        if role and role.code == "doctor" and not told.get("practitioner"):
            self.add_error("practitioner", "医师岗位须填写医师代码。")
        return told

    @property
    def post(self) -> Post:
        return Post(**{field: self.cleaned_data[field] for field in Post.__dataclass_fields__})


class NewAccount(PostForm):
    username = forms.RegexField(
        r"^[a-z][a-z0-9._-]{2,30}$",
        label="账号",
        help_text="登录用，3 至 31 位小写字母、数字、点、短横线，以字母开头。",
        error_messages={"invalid": "账号的格式不对。"},
    )
    field_order = ("username",)

    def clean_username(self) -> str:
        told = self.cleaned_data["username"]
        if User.objects.filter(username=told).exists():
            raise forms.ValidationError("该账号已存在。")
        return told


def _unknown(viewer: Viewer, codes: tuple[str, ...]) -> str:
    """The first of these institutions that is not in the viewer's regions; empty where nothing was imported yet."""
    if not codes or not (store.exists() and store.ready()):
        return ""
    with store.reading(viewer) as connection:
        known = {
            code
            for (code,) in connection.execute(
                "SELECT fixmedins_code FROM fixmedins_b WHERE list_contains($codes, fixmedins_code)",
                {"codes": list(codes)},
            ).fetchall()
        }
    return next((code for code in codes if code not in known), "")
