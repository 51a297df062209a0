"""Packs: the keys that are trusted, taking a pack, the template."""

from __future__ import annotations

import io
import zipfile

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.rules.pack_template import TEMPLATE
from fundguard.rules.packs import fingerprint, public_key
from fundguard.web.accounts.guard import require
from fundguard.web.core.downloads import attached
from fundguard.web.rulebase import drafting, selectors, services
from fundguard.web.rulebase.forms import KeyForm, PackForm
from fundguard.web.rulebase.models import Version

LARGEST = 8 << 20  # bytes of a pack


@require("see.rulebase")
def packs(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@require("do.rulebase")
def take(request: HttpRequest) -> HttpResponse:
    """Every rule of a pack becomes a draft version; refused as a whole or taken as a whole."""
    form = PackForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, pack_form=form)
    file = form.cleaned_data["file"]
    try:
        if file.size > LARGEST:
            raise Refusal("规则包过大", where="规则包", seen=f"{file.size >> 20} MB", remedy="规则包不超过 8 MB")
        made = drafting.take_pack(request.viewer, file.read())
    except Refusal as refusal:
        return _page(request, pack_form=form, refused=refusal)
    messages.success(request, f"已收下 {len(made)} 条规则的草案；回放后逐条提请试运行或发布")
    return redirect("rulebase:packs")


@require_POST
@require("do.rulebase")
def key(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, key_form=form)
    try:
        services.propose_key(request.viewer, form.cleaned_data["key"], form.cleaned_data["issuer"])
    except Refusal as refusal:
        return _page(request, key_form=form, refused=refusal)
    messages.success(request, "已登记，待另一人与发布单位核对后确认")
    return redirect("rulebase:packs")


@require_POST
@require("approve.rulebase")
def confirm_key(request: HttpRequest, pk: int) -> HttpResponse:
    services.confirm_key(request.viewer, pk)
    messages.success(request, "已确认，可以接收该单位签名的规则包")
    return redirect("rulebase:packs")


@require("see.rulebase")
def template(request: HttpRequest) -> HttpResponse:
    """The files of the template, to fill in and have signed by who publishes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in TEMPLATE.items():
            archive.writestr(name, text)
    return attached(made.getvalue(), "application/zip", "规则包模板.zip")


def _page(
    request: HttpRequest,
    *,
    pack_form: PackForm | None = None,
    key_form: KeyForm | None = None,
    refused: Refusal | None = None,
) -> HttpResponse:
    viewer = request.viewer
    shown = {
        "keys": [(one, fingerprint(public_key(one.public_key))) for one in selectors.pack_keys()],
        "taken": selectors.versions(viewer).filter(origin=Version.Origin.PACK).order_by("-pk")[:50],
        "pack_form": pack_form or PackForm(),
        "key_form": key_form or KeyForm(),
        "refusal": refused,
        "may_write": viewer.may("do.rulebase"),
        "may_decide": viewer.may("approve.rulebase"),
        "me": viewer.user.pk,
    }
    status = 422 if refused or pack_form or key_form else 200
    return render(request, "rulebase/packs.html", shown, status=status)
