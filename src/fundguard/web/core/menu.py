"""The left menu, in the order shown. An entry appears when its address exists and the viewer has its permission."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.models import User
from fundguard.web.accounts.roles import ROLES


@dataclass(frozen=True)
class Entry:
    label: str
    url_name: str
    permission: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "稽核工作",
        (
            Entry("运行总览", "home", "see.overview"),
            Entry("疑点处置", "findings:queue", "see.findings"),
            Entry("资金追回", "fund:demands", "see.fund"),
            Entry("文书", "papers:papers", "see.papers"),
            Entry("规则与知识库", "rulebook:rules", "see.rulebook"),
        ),
    ),
    (
        "数据与核查",
        (
            Entry("数据导入", "intake:arrivals", "see.intake"),
            Entry("核查运行", "runs:runs", "see.runs"),
        ),
    ),
    (
        "系统",
        (Entry("账号管理", "accounts:list", "do.accounts"), Entry("操作台账", "ledger", "see.ledger")),
    ),
)


def links(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    """Groups of links for the viewer of this request; a group without links is left out."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return []
    groups = []
    for group, entries in MENU:
        shown = [
            _link(entry, url, request) for entry in entries if (url := _address(entry)) and viewer.may(entry.permission)
        ]
        if shown:
            groups.append((group, shown))
    return groups


def start(viewer: Viewer) -> str:
    """Where this viewer begins: the first page of the menu that exists and is permitted."""
    for _, entries in MENU:
        for entry in entries:
            if viewer.may(entry.permission) and (url := _address(entry)):
                return url
    return reverse("password_change")


def start_of(user: User) -> str:
    """Where this account begins; not every role has an overview, and not every account a role."""
    return start(Viewer(user)) if user.is_authenticated and user.role in ROLES else reverse("home")


def _address(entry: Entry) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


def _link(entry: Entry, url: str, request: HttpRequest) -> Link:
    """Current is the page itself and everything below it in the same app (a finding lies under the queue)."""
    match = request.resolver_match
    space = entry.url_name.partition(":")[0] if ":" in entry.url_name else None
    current = match is not None and (
        match.view_name == entry.url_name or (space is not None and space in match.namespaces)
    )
    return Link(entry.label, url, current)
