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
            Entry("我的待办", "desk:mine", "do.steps"),
            Entry("办理工作台", "desk:queue", "see.desk"),
            Entry("疑点处置", "findings:queue", "see.findings"),
            Entry("疑点答复", "portal:list", "do.answer"),
            Entry("院内征询", "portal:questions", "do.state"),
            Entry("自查自纠", "selfcheck:owns", "do.answer"),
            Entry("自查自纠", "selfcheck:index", "see.campaigns"),
            Entry("代为答复的单位", "units:list", "see.units"),
            Entry("本人工作量", "workload:mine", "do.steps"),
            Entry("存量预测", "workload:forecast", "see.desk"),
            Entry("提醒", "reminders:reminders", "see.reminders"),
            Entry("外来疑点", "foreign:lists", "see.foreign"),
            Entry("随机复审", "desk:samples", "do.sample"),
            Entry("我的复审", "desk:blind_work", "do.sample_review"),
            Entry("资金追回", "fund:demands", "see.fund"),
            Entry("基金账户说明", "allocations:listing", "see.allocations"),
            Entry("规则撤回", "recall:recalls", "see.recall"),
            Entry("文书", "papers:papers", "see.papers"),
            Entry("规则与知识库", "rulebook:rules", "see.rulebook"),
            Entry("规则库", "rulebase:rules", "see.rulebase"),
            Entry("规则试算", "rulebase:what_ifs", "see.rulebase"),
            Entry("知识库版本", "knowledge_base:versions", "see.knowledge"),
            Entry("知识点异议", "knowledge_base:disputes", "do.dispute"),
            Entry("药品和项目目录", "knowledge_base:catalogues", "see.knowledge"),
            Entry("规则记分", "scorecard:scorecard", "see.scorecard"),
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
        (
            Entry("均衡分派", "workload:load", "do.assign"),
            Entry("人员工作量", "workload:team", "see.team"),
            Entry("请假代办与回避", "desk:people", "see.desk"),
            Entry("账号管理", "accounts:list", "do.accounts"),
            Entry("操作台账", "ledger", "see.ledger"),
        ),
    ),
)

_NAMES = frozenset(entry.url_name for _, entries in MENU for entry in entries)
#: App → the list that its pages lie under (a finding lies under the queue).
_FIRST = {"desk": "desk:queue", "portal": "portal:list", "selfcheck": "selfcheck:index", "evidence": "findings:queue"}
_FIRST |= {"rulebase": "rulebase:rules"}
_FIRST |= {"knowledge_base": "knowledge_base:versions"}
_LISTS = {name.partition(":")[0]: name for name in _NAMES if ":" in name} | _FIRST


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
    """Current is the page itself; a page without an entry of its own lies under its app's first one."""
    match = request.resolver_match
    current = match is not None and match.view_name == entry.url_name
    if match is not None and match.namespaces and match.view_name not in _NAMES:
        current = _LISTS.get(match.namespaces[0]) == entry.url_name
    return Link(entry.label, url, current)
