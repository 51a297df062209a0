"""Regional variants of the workflows: only what differs, and the document that makes it differ."""

from __future__ import annotations

from dataclasses import replace

from fundguard.errors import Refusal
from fundguard.law import places
from fundguard.workflows.finding import FINDING, REVIEW
from fundguard.workflows.parts import Clock, State, Step, Workflow

HUNAN_REVIEW = "湘政办发〔2023〕45号:三（一）"
HUNAN_ARGUMENT = "湘政办发〔2023〕45号:四（一）"
HUNAN_AGREEMENT = "湘政办发〔2023〕45号:四（四）"
JINCHENG_REVIEW = "晋市医保发〔2020〕21号:二（三）"
JINCHENG_REPORT = "晋市医保发〔2020〕21号:三（五）"
SHAOXING_REVIEW = "绍政办发〔2022〕15号:附件第21项"

#: 湖南：复杂问题由医保部门牵头论证；按协议处理须写明无主观故意、标准不清、依法可不处罚，并有警示教育。
HUNAN = FINDING.varied(
    "430000",
    "湖南省",
    basis=(HUNAN_REVIEW, HUNAN_ARGUMENT, HUNAN_AGREEMENT),
    separation=HUNAN_REVIEW,
    incompatible=tuple(
        replace(pair, article=HUNAN_REVIEW)
        if "first_reviewer" in pair.posts and pair.posts & {"confirmer", "sample_reviewer"}
        else pair
        for pair in FINDING.incompatible
    ),
    steps=(
        FINDING.changed("convene_experts", by=("enforcement_officer",), article=HUNAN_ARGUMENT),
        FINDING.changed("give_argument", needs=("panel_record", "expert_opinion"), article=HUNAN_ARGUMENT),
        *(
            FINDING.changed(
                verb, needs=(*FINDING.step_by_verb[verb].needs, "agreement_track_grounds"), article=HUNAN_AGREEMENT
            )
            for verb in ("refuse_payment", "recover")
        ),
        FINDING.changed("accept_rectification", needs=("recheck_record", "education_record"), article=HUNAN_AGREEMENT),
    ),
)


def _legal_review(article: str) -> tuple[Step, ...]:
    """No handling decision that has not passed legal review, by somebody who did not handle the matter."""
    handlers = (*REVIEW, "hear_views", "determine", "determine_unanswered")
    return (
        Step(
            "pass_legal_review",
            "法制审核通过",
            ("heard",),
            "reviewed",
            ("legal_reviewer",),
            article,
            needs=("legal_opinion",),
            unless_did=handlers,
        ),
        Step(
            "fail_legal_review",
            "法制审核不通过",
            ("heard",),
            "hearing",
            ("legal_reviewer",),
            article,
            needs=("legal_opinion",),
            unless_did=handlers,
            opens=("finding.views",),
        ),
        FINDING.changed(
            "decide_handling",
            sources=("reviewed",),
            after=("hear_views", "pass_legal_review"),
            unless_did=(*REVIEW, "hear_views", "pass_legal_review"),
        ),
        FINDING.changed("return_to_agency", sources=("proposed", "hearing", "heard", "reviewed")),
        *(
            FINDING.changed(verb, sources=(*FINDING.step_by_verb[verb].sources, "reviewed"))
            for verb in ("open_correction", "withdraw")
        ),
    )


REVIEWED = State("reviewed", "法制审核通过，待作出处理决定", "待处理决定")
#: 绍兴：重大执法决定法制审核。
SHAOXING = FINDING.varied(
    "330600", "绍兴市", basis=(SHAOXING_REVIEW,), states=(REVIEWED,), steps=_legal_review(SHAOXING_REVIEW)
)
_REPORTS = ("finding.incident_report",)
#: 晋城：法制审核未通过不得作出决定；金额达到要情标准的，限期报告市局。
JINCHENG = FINDING.varied(
    "140500",
    "晋城市",
    basis=(JINCHENG_REVIEW, JINCHENG_REPORT),
    states=(REVIEWED,),
    clocks=(Clock("finding.incident_report", "要情报告期限", at_least="finding.incident_amount"),),
    steps=(
        *_legal_review(JINCHENG_REVIEW),
        *(FINDING.changed(verb, opens=_REPORTS) for verb in ("determine", "determine_unanswered")),
        Step(
            "report_incident",
            "报告要情",
            ("determined", "proposed", "hearing", "heard", "reviewed", "recovering"),
            "",
            ("agreement_officer", "enforcement_officer"),
            JINCHENG_REPORT,
            needs=("incident_report",),
            within="finding.incident_report",
            closes=_REPORTS,
        ),
    ),
)
VARIANTS = {(flow.name, flow.region): flow for flow in (FINDING, HUNAN, SHAOXING, JINCHENG)}


def workflow_for(name: str, region: str = "") -> Workflow:
    """The workflow `name` of a region: of the division itself, else its city, its province, the nation."""
    for place in places(region):
        if found := VARIANTS.get((name, place)):
            return found
    raise Refusal("没有此办理流程", seen=name, remedy="请核对流程名称")
