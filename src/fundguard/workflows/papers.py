"""Papers that steps need, and what each must be. Its value arrives with the step and stands in the history row."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fundguard.law import articles

if TYPE_CHECKING:
    from fundguard.workflows.history import Item

LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Paper:
    """`kind` is a key of `KINDS`. Amounts are fen."""

    code: str
    name: str
    kind: str


PAPERS = {
    paper.code: paper
    for paper in (
        Paper("opinion", "审查意见", "text"),
        Paper("reason", "理由", "text"),
        Paper("lines", "涉及的费用明细", "lines"),
        Paper("accepted_lines", "同时认可的费用明细", "other_lines"),
        Paper("part_amount", "部分成立的金额", "part_amount"),
        Paper("amount", "认定金额", "amount"),
        Paper("papers_wanted", "需要补充的材料", "text"),
        Paper("supporting_papers", "补充的材料", "file"),
        Paper("notice", "疑点告知书", "file"),
        Paper("objection_statement", "申诉理由", "text"),
        Paper("verification_report", "调查核实报告", "file"),
        Paper("panel_record", "论证会议记录", "file"),
        Paper("expert_opinion", "论证意见", "file"),
        Paper("grounds", "认定理由", "text"),
        Paper("evidence_statement", "证据说明（不以未答复为依据）", "text"),
        Paper("articles", "依据的条文", "articles"),
        Paper("agreement_clause", "服务协议条款", "text"),
        Paper("agreement_notice", "协议处理通知", "file"),
        Paper("agreement_track_grounds", "按协议处理的依据（无主观故意、标准不清、依法可不处罚）", "text"),
        Paper("settlement_period", "扣减的结算期", "text"),
        Paper("handling_proposal", "行政处理建议", "file"),
        Paper("views_notice", "陈述申辩告知书", "file"),
        Paper("views_record", "陈述申辩笔录", "file"),
        Paper("legal_opinion", "法制审核意见", "file"),
        Paper("handling_decision", "行政处理决定书", "file"),
        Paper("case_referral", "移送立案材料", "file"),
        Paper("case_outcome", "案件处理结果", "file"),
        Paper("receipt", "退款或扣减凭证", "file"),
        Paper("rectification_report", "整改报告", "file"),
        Paper("recheck_record", "整改复查记录", "file"),
        Paper("education_record", "警示教育记录", "file"),
        Paper("archive_list", "归档目录", "file"),
        Paper("incident_report", "要情报告", "file"),
        Paper("recall_order", "撤回决定", "file"),
    )
}


def fault(code: str, value: Any, item: Item) -> str:
    """What is wrong with the value of a paper, in Chinese, or nothing."""
    paper = PAPERS[code]
    if paper.kind == "lines" and not item.lines_now and not value:
        return ""  # a finding that rests on no charge line is objected to as a whole
    if paper.kind == "other_lines" and not value:
        return ""  # what is not named is neither objected to nor accepted
    if value is None or value in ("", (), [], {}):
        return f"缺少{paper.name}"
    words = KINDS[paper.kind](value, item)
    return f"{paper.name}{words}" if words else ""


def clash(brought: Mapping[str, Any]) -> str:
    """What two papers of one step contradict each other in, or nothing."""
    both = set(brought.get("lines") or ()) & set(brought.get("accepted_lines") or ())
    return f"有 {len(both)} 条费用明细既申诉又认可" if both else ""


def _text(value: Any, item: Item) -> str:
    if not isinstance(value, str) or not value.strip():
        return "没有内容"
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t" for sign in value):
        return "有不能保存的字符"
    return f"超过 {LONGEST_TEXT} 字" if len(value) > LONGEST_TEXT else ""


def _file(value: Any, item: Item) -> str:
    return "" if isinstance(value, str) and value.strip() else "没有登记"


def _lines(value: Any, item: Item) -> str:
    return "" if _listed(value) and set(value) <= item.lines_now else "不在本疑点的明细之内"


def _amount(value: Any, item: Item) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return "须为大于零的整数（分）"
    return "超过此前的金额" if value > item.amount_now else ""


def _part_amount(value: Any, item: Item) -> str:
    return _amount(value, item) or ("须小于此前的金额" if value == item.amount_now else "")


def _articles(value: Any, item: Item) -> str:
    if not _listed(value):
        return "须为条文"
    return "" if set(value) <= {article.ref for article in articles()} else "中有未登记的条文"


def _listed(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


KINDS: dict[str, Callable[[Any, Item], str]] = {
    "text": _text,
    "file": _file,
    "lines": _lines,
    "other_lines": _lines,
    "amount": _amount,
    "part_amount": _part_amount,
    "articles": _articles,
}
