"""Kinds of reminders as data: what is said of one item and of many, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`one` and `many` are sentences ("{count}"); `list_url` names the page of many, `one_url` that of one object."""

    code: str
    title: str
    one: str
    many: str
    list_url: str
    one_url: str = "findings:detail"


KINDS = {
    kind.code: kind
    for kind in (
        Kind("assigned", "分派", "有 1 条疑点分派给您", "有 {count} 条疑点分派给您", "desk:mine"),
        Kind("sent_back", "退回", "您作出的意见被退回重审", "您作出的 {count} 条意见被退回重审", "desk:mine"),
        Kind("answered", "机构答复", "机构已答复 1 条疑点", "机构已答复 {count} 条疑点", "desk:mine"),
        Kind(
            "lapsed", "期满", "机构期满未答复或者未补充材料", "有 {count} 条机构期满未答复或者未补充材料", "desk:mine"
        ),
        Kind("evidence", "证据变更", "1 条疑点的证据变更", "{count} 条疑点的证据变更", "desk:mine"),
        Kind("due_soon", "期限将至", "1 条疑点的期限将至", "{count} 条疑点的期限将至", "desk:mine"),
        Kind("overdue", "逾期", "1 条疑点已逾期", "{count} 条疑点已逾期", "desk:mine"),
        Kind("bulk_ended", "批量办理", "批量办理已结束", "批量办理已结束", "desk:queue", "desk:bulk_shown"),
        Kind("bulk_broken", "批量办理", "批量办理中断", "批量办理中断", "desk:queue", "desk:bulk_shown"),
        Kind("lent", "请假代办", "请您代办他人岗位的事项", "请您代办他人岗位的事项", "desk:people", "desk:people"),
        Kind("told", "经办通知", "本机构有 1 条疑点有新进展", "本机构有 {count} 条疑点有新进展", "portal:list"),
        Kind("answer_due", "期限将至", "本机构有 1 条疑点期限将至", "本机构有 {count} 条疑点期限将至", "portal:list"),
    )
}
