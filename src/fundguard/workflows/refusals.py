"""Why a step may not be taken: permanent codes. A code is never given another meaning and never used again.

WF-1… the kernel finds; WF-2… the service that takes the step finds while it writes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """`text` may name values in braces; `remedy` is what the user can do. `article` where the step names none."""

    code: str
    text: str
    remedy: str
    article: str = ""


@dataclass(frozen=True)
class Bar:
    """One reason against a step: the code, the sentence, and the ref of the article, empty where none sets it."""

    code: str
    reason: str
    remedy: str
    article: str


CODES = {
    code.code: code
    for code in (
        Code("WF-101", "当前环节“{state}”不能办理“{step}”", "请刷新页面，按当前环节可办的事项办理"),
        Code("WF-102", "“{step}”由{posts}办理", "请转有该岗位的人员办理"),
        Code("WF-103", "本人或委托人已办理“{did}”，不得再办理“{step}”", "请转未参与前一步的人员办理", "条例:10"),
        Code("WF-104", "{posts}不得由同一人兼任", "请由管理员调整岗位或委托"),
        Code("WF-105", "材料不齐或者不合要求：{papers}", "请补齐、改正后再提交"),
        Code("WF-106", "“{clock}”已于 {day} 届满", "如有正当理由，请向经办机构书面说明"),
        Code("WF-107", "“{clock}”尚未届满", "届满后由系统办理"),
        Code("WF-108", "已经办结，只能撤回", "确有错误的，按撤回程序办理"),
        Code("WF-109", "没有此办理事项", "请刷新页面"),
        Code("WF-110", "本人与此项有利害关系，应当回避", "请转其他人员办理"),
        Code("WF-111", "不是本机构的疑点", "请用该机构的账号办理"),
        Code("WF-112", "不在本人的管辖区内", "请转有管辖权的人员办理"),
        Code("WF-113", "尚未办理“{steps}”", "请先办理前置事项"),
        Code("WF-114", "尚未具备办理条件：{facts}", "请先办结相应事项"),
        Code("WF-115", "“{step}”本轮已经办理过一次", "不能重复申请"),
        Code("WF-116", "须同时具备：{posts}", "请由具备资格的人员办理", "条例:29"),
        Code("WF-117", "“{clock}”没有在计算", "请核对该项是否已经告知"),
        Code("WF-118", "办理时间早于上一步", "请核对系统时间"),
        Code("WF-119", "“{did}”不是本人所作，不能撤销", "请由作出意见的人员撤销，或者按下一步办理"),
        Code("WF-201", "页面打开以后，此项已被他人办理", "请刷新后重新查看"),
        Code("WF-202", "此项刚刚已经提交", "无须重复提交"),
        Code("WF-203", "他人正在办理此项", "请稍后再试"),
    )
}


def bar(code: str, article: str = "", **values: str) -> Bar:
    """The reason `code` with its values filled in; `article` of the step, else the code's own."""
    kind = CODES[code]
    return Bar(code, kind.text.format(**values), kind.remedy, article or kind.article)
