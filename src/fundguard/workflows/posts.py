"""Posts as data: who takes steps. A post is held on an account; one person may hold several compatible ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from fundguard.workflows.parts import Incompatible


@dataclass(frozen=True)
class Post:
    """`side`: agency, bureau, expert, institution, or machine, which no person holds.

    `single`: one holder in an organisation. `qualification`: never enough alone, asked beside a post.
    """

    code: str
    name: str
    side: str
    single: bool = False
    qualification: bool = False


POSTS = {
    post.code: post
    for post in (
        Post("first_reviewer", "经办初审岗", "agency"),
        Post("confirmer", "经办复核岗", "agency"),
        Post("sample_reviewer", "随机复审岗", "agency"),
        Post("verifier", "经办稽核岗", "agency"),
        Post("agreement_officer", "协议管理岗", "agency"),
        Post("fund_clerk", "基金结算岗", "agency"),
        Post("enforcement_officer", "行政执法岗", "bureau"),
        Post("legal_reviewer", "法制审核岗", "bureau"),
        Post("bureau_head", "医保行政部门负责人", "bureau", single=True),
        Post("recall_officer", "撤回审批岗", "bureau"),
        Post("card_holder", "持行政执法证件", "bureau", qualification=True),
        Post("expert", "评审专家", "expert"),
        Post("hospital_office", "医院医保办", "institution"),
        Post("pharmacy", "零售药店", "institution"),
        Post("chain_head_office", "连锁总部或乡镇卫生院", "institution"),
        Post("clock", "到期自动办理", "machine"),
        Post("system", "系统自动办理", "machine"),
    )
}
INSTITUTION = ("hospital_office", "pharmacy", "chain_head_office")
INTERNAL_CONTROL = "条例:10"


def _pair(one: str, other: str, article: str) -> Incompatible:
    return Incompatible(frozenset((one, other)), article)


def _of(*sides: str) -> list[str]:
    return [post.code for post in POSTS.values() if post.side in sides and not post.qualification]


#: 初审与复核、复审不相容；定责与记账分开；经办与行政分开；被审核的一方不任审核、执法、评审岗位。
INCOMPATIBLE = (
    _pair("first_reviewer", "confirmer", INTERNAL_CONTROL),
    _pair("first_reviewer", "sample_reviewer", INTERNAL_CONTROL),
    _pair("agreement_officer", "fund_clerk", INTERNAL_CONTROL),
    *(_pair(agency, bureau, INTERNAL_CONTROL) for agency, bureau in product(_of("agency"), _of("bureau"))),
    *(_pair(own, other, INTERNAL_CONTROL) for own, other in product(INSTITUTION, _of("agency", "bureau", "expert"))),
)
