"""The finding workflow, nation-wide: from a rule's hit to the money back. Regional variants: `regions.py`.

First review and confirmation are posts of the handling agency. Determination under the service agreement is the
agency's, a handling decision the bureau's, after hearing views. Silence is not acceptance. An opinion may be taken back
by its author until the next step. An item is withdrawn from any state, which revokes notices and returns money.
"""

from fundguard.workflows.parts import Clock, State, Step, Workflow
from fundguard.workflows.posts import INCOMPATIBLE, INSTITUTION, INTERNAL_CONTROL

AGREEMENT = "条例:13"
HEARING = "条例:31"
MONITORING = "条例:24"
TRANSFER = "条例:22"
MONEY_BACK = "条例:45"
FIRST_REVIEW = ("ask_papers", "uphold", "uphold_part", "dismiss")
REVIEW = (*FIRST_REVIEW, "confirm", "send_back")
EXAMINATION = ("report_verification", "give_argument")
IN_REVIEW = ("found", "awaiting_papers", "upheld", "dismissed", "confirmed")
WITH_INSTITUTION = ("notified", "extension_asked", "accepted", "objected", "unanswered")
IN_EXAMINATION = ("verifying", "arguing", "examined")
DETERMINED = ("determined", "proposed", "hearing", "heard", "recovering", "in_case")

STATES = (
    State("found", "待初审"),
    State("awaiting_papers", "待补充材料", "请补充材料"),
    State("upheld", "初审成立，待复核"),
    State("dismissed", "初审不成立"),
    State("confirmed", "复核成立，待告知"),
    State("notified", "已告知，待答复", "待答复"),
    State("extension_asked", "申请延期答复", "延期申请审核中"),
    State("accepted", "机构已认可", "已认可"),
    State("objected", "机构已申诉", "已申诉"),
    State("unanswered", "逾期未答复", "逾期未答复"),
    State("verifying", "调查核实中", "调查核实中"),
    State("arguing", "专家论证中", "论证中"),
    State("examined", "核实论证完毕，待认定", "待认定"),
    State("determined", "已认定，待处理", "已认定"),
    State("proposed", "已报行政处理，待告知", "待行政处理"),
    State("hearing", "待听取陈述申辩", "可以陈述申辩"),
    State("heard", "已听取意见，待作出处理决定", "待处理决定"),
    State("in_case", "已移送立案", "另案处理"),
    State("correcting", "证据变更，更正中", "更正中"),
    State("recovering", "待退款、整改", "待退款、整改"),
    State("cleared", "认定不成立", "不成立", final=True),
    State("closed", "已办结", "已办结", final=True),
    State("withdrawn", "已撤回", "已撤回", final=True),
)
CLOCKS = (
    Clock("finding.first_review", "初审期限", pauses=("awaiting_papers",)),
    Clock("finding.papers", "补充材料期限"),
    Clock("finding.confirmation", "复核期限"),
    Clock("finding.answer", "答复期限", hard=True, pauses=("extension_asked",)),
    Clock("finding.verification", "调查核实期限"),
    Clock("finding.expert_argument", "论证期限"),
    Clock("finding.determination", "认定期限", pauses=("verifying", "arguing")),
    Clock("finding.views", "陈述申辩期限", pauses=("correcting",)),
    Clock("finding.refund", "退款期限", pauses=("correcting",)),
    Clock("finding.rectification", "整改期限", pauses=("correcting",)),
)
# fmt: off
STEPS = (
    # 发现与初审
    Step("publish", "生成疑点", (), "found", ("system",), MONITORING, opens=("finding.first_review",)),
    Step("ask_papers", "要求补充材料", ("found",), "awaiting_papers", ("first_reviewer",), INTERNAL_CONTROL,
         needs=("papers_wanted",), opens=("finding.papers",), effects=("tell_institution",)),
    Step("supply_papers", "补充材料", ("awaiting_papers",), "found", INSTITUTION, INTERNAL_CONTROL,
         needs=("supporting_papers",), within="finding.papers", closes=("finding.papers",)),
    Step("go_on_without", "未补充，继续初审", ("awaiting_papers",), "found", ("clock",), INTERNAL_CONTROL,
         after_due="finding.papers", closes=("finding.papers",)),
    Step("uphold", "初审成立", ("found",), "upheld", ("first_reviewer",), INTERNAL_CONTROL,
         needs=("opinion",), within="finding.first_review", closes=("finding.first_review",),
         opens=("finding.confirmation",), undone_by="take_back_review"),
    Step("uphold_part", "初审部分成立", ("found",), "upheld", ("first_reviewer",), INTERNAL_CONTROL,
         needs=("opinion", "lines", "part_amount"), within="finding.first_review", closes=("finding.first_review",),
         opens=("finding.confirmation",), undone_by="take_back_review"),
    Step("dismiss", "初审不成立", ("found",), "dismissed", ("first_reviewer",), INTERNAL_CONTROL,
         needs=("reason",), within="finding.first_review", closes=("finding.first_review",),
         undone_by="take_back_review"),
    Step("take_back_review", "撤销初审意见", ("upheld", "dismissed"), "found", ("first_reviewer",), INTERNAL_CONTROL,
         own=True, facts=("undrawn",), closes=("finding.confirmation",), opens=("finding.first_review",)),
    Step("reopen", "随机复审退回重审", ("dismissed",), "found", ("sample_reviewer",), INTERNAL_CONTROL,
         needs=("opinion",), unless_did=REVIEW, opens=("finding.first_review",), restarts=True),
    # 复核
    Step("confirm", "复核成立", ("upheld",), "confirmed", ("confirmer",), INTERNAL_CONTROL,
         needs=("opinion",), unless_did=FIRST_REVIEW, within="finding.confirmation", closes=("finding.confirmation",),
         undone_by="take_back_confirmation"),
    Step("take_back_confirmation", "撤销复核意见", ("confirmed",), "upheld", ("confirmer",), INTERNAL_CONTROL,
         own=True, opens=("finding.confirmation",)),
    Step("send_back", "复核退回", ("upheld",), "found", ("confirmer",), INTERNAL_CONTROL,
         needs=("opinion",), unless_did=FIRST_REVIEW, opens=("finding.first_review",), restarts=True),
    Step("notify", "告知机构", ("confirmed",), "notified", ("confirmer", "agreement_officer"), AGREEMENT,
         needs=("notice",), unless_did=FIRST_REVIEW, opens=("finding.answer",), effects=("send_notice",)),
    # 机构答复：认可、申诉、申请延期；未答复不等于认可，申诉时未指明认可的明细也不等于认可
    Step("accept", "认可", ("notified",), "accepted", INSTITUTION, AGREEMENT,
         within="finding.answer", opens=("finding.determination",), undone_by="withdraw_acceptance"),
    Step("withdraw_acceptance", "撤回认可", ("accepted",), "notified", INSTITUTION, AGREEMENT,
         within="finding.answer", closes=("finding.determination",)),
    Step("object", "申诉", ("notified",), "objected", INSTITUTION, AGREEMENT,
         needs=("objection_statement", "lines", "accepted_lines"), within="finding.answer",
         closes=("finding.answer",), opens=("finding.determination",)),
    Step("ask_extension", "申请延期答复", ("notified",), "extension_asked", INSTITUTION, AGREEMENT,
         needs=("reason",), within="finding.answer", once=True),
    Step("grant_extension", "同意延期", ("extension_asked",), "notified", ("agreement_officer",), AGREEMENT,
         extends=(("finding.answer", "finding.answer_extension"),)),
    Step("refuse_extension", "不同意延期", ("extension_asked",), "notified", ("agreement_officer",), AGREEMENT,
         needs=("reason",)),
    Step("lapse", "逾期未答复", ("notified",), "unanswered", ("clock",), AGREEMENT, after_due="finding.answer",
         closes=("finding.answer",), opens=("finding.determination",)),
    # 调查核实、论证
    Step("start_verification", "启动调查核实", ("objected", "unanswered", "examined"), "verifying", ("verifier",),
         AGREEMENT, unless_did=REVIEW, opens=("finding.verification",)),
    Step("report_verification", "提交核实报告", ("verifying",), "examined", ("verifier",), AGREEMENT,
         needs=("verification_report",), unless_did=REVIEW, within="finding.verification",
         closes=("finding.verification",)),
    Step("convene_experts", "提请论证", ("objected", "examined"), "arguing", ("agreement_officer",), AGREEMENT,
         needs=("reason",), unless_did=REVIEW, opens=("finding.expert_argument",)),
    Step("give_argument", "出具论证意见", ("arguing",), "examined", ("expert",), AGREEMENT,
         needs=("expert_opinion",), unless_did=REVIEW, within="finding.expert_argument",
         closes=("finding.expert_argument",)),
    # 认定：有争议的先核实或者论证
    Step("determine", "认定成立", ("accepted", "examined"), "determined", ("agreement_officer",), AGREEMENT,
         needs=("grounds", "articles", "amount"), unless_did=(*REVIEW, *EXAMINATION), within="finding.determination",
         closes=("finding.answer", "finding.determination"), effects=("record_debt",)),
    Step("determine_unanswered", "未答复的认定成立", ("unanswered",), "determined", ("agreement_officer",), AGREEMENT,
         needs=("grounds", "evidence_statement", "articles", "amount"), unless_did=(*REVIEW, *EXAMINATION),
         within="finding.determination", closes=("finding.determination",), effects=("record_debt",)),
    Step("clear", "认定不成立", ("objected", "unanswered", "examined"), "cleared", ("agreement_officer",), AGREEMENT,
         needs=("grounds",), unless_did=(*REVIEW, *EXAMINATION), effects=("revoke_notice",)),
    # 处理：协议处理由经办机构作出，行政处理由医保行政部门作出
    Step("refuse_payment", "拒付", ("determined",), "recovering", ("agreement_officer",), AGREEMENT,
         needs=("agreement_clause", "agreement_notice", "settlement_period"), unless_did=REVIEW,
         opens=("finding.rectification",), effects=("send_notice", "deduct_next_settlement")),
    Step("recover", "追回", ("determined",), "recovering", ("agreement_officer",), AGREEMENT,
         needs=("agreement_clause", "agreement_notice"), unless_did=REVIEW,
         opens=("finding.refund", "finding.rectification"), effects=("send_notice", "demand_refund")),
    Step("refer_to_bureau", "报行政处理", ("determined",), "proposed", ("agreement_officer",), TRANSFER,
         needs=("handling_proposal",)),
    Step("announce_views", "告知陈述申辩", ("proposed",), "hearing", ("enforcement_officer",), HEARING,
         needs=("views_notice",), also=("card_holder",), unless_did=REVIEW, opens=("finding.views",),
         effects=("send_notice",)),
    Step("hear_views", "听取陈述申辩", ("hearing",), "heard", ("enforcement_officer",), HEARING,
         needs=("views_record",), also=("card_holder",), unless_did=REVIEW, closes=("finding.views",)),
    Step("decide_handling", "作出行政处理决定", ("heard",), "recovering", ("bureau_head",), HEARING,
         needs=("handling_decision", "grounds", "articles", "amount"), unless_did=(*REVIEW, "hear_views"),
         after=("hear_views",), opens=("finding.refund", "finding.rectification"),
         effects=("send_notice", "demand_refund")),
    Step("return_to_agency", "退回经办机构", ("proposed", "hearing", "heard"), "determined",
         ("enforcement_officer",), HEARING, needs=("reason",), also=("card_holder",), closes=("finding.views",)),
    Step("hand_over", "移送立案", ("determined", "heard"), "in_case", ("agreement_officer", "enforcement_officer"),
         TRANSFER, needs=("case_referral",), unless_did=REVIEW, closes=("finding.views",), effects=("open_case",)),
    Step("end_case", "案件办结", ("in_case",), "recovering", ("enforcement_officer",), TRANSFER,
         needs=("case_outcome",), also=("card_holder",), unless_did=REVIEW, opens=("finding.refund",)),
    # 退款、整改、销号
    Step("record_payment", "登记退款", ("recovering",), "", ("fund_clerk",), MONEY_BACK,
         needs=("receipt",), unless_did=("determine", "determine_unanswered"), effects=("book_payment",)),
    Step("submit_rectification", "提交整改报告", ("recovering",), "", INSTITUTION, AGREEMENT,
         needs=("rectification_report",)),
    Step("accept_rectification", "整改复查通过", ("recovering",), "", ("verifier",), AGREEMENT,
         needs=("recheck_record",), after=("submit_rectification",), closes=("finding.rectification",)),
    Step("close", "办结", ("recovering",), "closed", ("agreement_officer",), AGREEMENT,
         needs=("archive_list",), unless_did=("record_payment",), after=("accept_rectification",),
         facts=("paid", "complete")),
    # 证据变更、撤回
    Step("take_new_evidence", "采用新证据，重新初审", IN_REVIEW, "found", ("system",), MONITORING,
         opens=("finding.first_review",), restarts=True),
    Step("return_to_review", "证据变更，退回初审", (*WITH_INSTITUTION, *IN_EXAMINATION), "found", ("system",),
         MONITORING, opens=("finding.first_review",), restarts=True, effects=("revoke_notice",)),
    Step("open_correction", "证据变更，启动更正", DETERMINED, "correcting", ("system",), MONITORING,
         effects=("suspend_recovery",)),
    Step("correct", "更正认定", ("correcting",), "determined", ("agreement_officer",), AGREEMENT,
         needs=("grounds", "articles", "amount"), unless_did=(*REVIEW, *EXAMINATION),
         closes=("finding.views", "finding.refund", "finding.rectification"), effects=("correct_debt",)),
    Step("withdraw", "撤回", tuple(s.code for s in STATES if s.code != "withdrawn"), "withdrawn",
         ("recall_officer", "system"), INTERNAL_CONTROL, needs=("reason", "recall_order"), recalls=True,
         effects=("revoke_notice", "return_money")),
    Step("come_again", "更正后重新生成", ("withdrawn",), "found", ("system",), MONITORING, recalls=True,
         opens=("finding.first_review",), restarts=True),
)
# fmt: on
FINDING = Workflow("finding", "疑点办理", STATES, STEPS, CLOCKS, incompatible=INCOMPATIBLE, separation=INTERNAL_CONTROL)
