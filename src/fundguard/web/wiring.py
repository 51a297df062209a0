"""Effects across apps, in one visible table: which function does which background work, and what follows what."""

from __future__ import annotations

from functools import partial

from fundguard.web import demo
from fundguard.web.core.known import of_region
from fundguard.web.desk import bulk, files, items, notices, samples
from fundguard.web.desk import following as desk
from fundguard.web.desk import services as steps
from fundguard.web.desk.listening import Listeners
from fundguard.web.evidence import case_file
from fundguard.web.evidence import services as evidence
from fundguard.web.evidence.verifying import verify as verify_evidence
from fundguard.web.findings import services as findings
from fundguard.web.foreign import overlap, publishing
from fundguard.web.foreign import services as foreign
from fundguard.web.fund.balance import verify as verify_book
from fundguard.web.handling import facts, letters, money
from fundguard.web.intake import services as intake
from fundguard.web.jobs.services import WORK
from fundguard.web.portal import answering, keys
from fundguard.web.recall import performing
from fundguard.web.recall import selectors as recall
from fundguard.web.recall import services as recall_services
from fundguard.web.reminders import telling as reminders
from fundguard.web.rulebase import in_force
from fundguard.web.rulebase import trying as what_ifs
from fundguard.web.runs import services as runs
from fundguard.web.scorecard import counting
from fundguard.web.scorecard import services as scorecard

#: A published run is handed on: functions of its folder.
AFTER_RUN: runs.Effects = (findings.take_run, desk.follow_run, keys.follow_run, what_ifs.run_trials)
#: The rules and the knowledge of a run: what ships, and what the site decided on top.
IN_FORCE = runs.InForce(in_force.rules_for_run, partial(in_force.with_points, of_region))
#: Findings recalled because their rule was wrong speak against it on the scorecard: functions that tell their keys.
RECALLED: counting.Recalled = recall.keys

WORK.update(
    {
        intake.KIND: intake.perform,
        runs.KIND: partial(runs.perform, effects=AFTER_RUN, recalled=recall.recalled, in_force=IN_FORCE),
        demo.KIND: partial(demo.perform, effects=AFTER_RUN),
        "findings.export": findings.export,
        bulk.KIND: reminders.ending(bulk.perform),
        answering.KIND: answering.perform,
        foreign.KIND: partial(foreign.perform, effects=AFTER_RUN),
        scorecard.KIND: partial(scorecard.perform, recalled=RECALLED),
        publishing.KIND: partial(foreign.perform_again, effects=AFTER_RUN),
        what_ifs.KIND: what_ifs.perform,
        recall_services.KIND: performing.perform,
    }
)
#: Of withdrawn items that a run raises again those whose recalled rule or point was corrected since.
CORRECTED = recall.corrected
#: What follows a step: effect of a declared workflow → function of the step, all in the step's transaction. An effect
#: that is not named here is a fault at start (`desk.checks`); its steps are refused and not offered.
EFFECTS: steps.Effects = {
    "tell_institution": notices.send,
    "send_notice": letters.send,
    "revoke_notice": letters.revoke,
    "record_debt": steps.in_turn(overlap.asked_once, money.record_debt),
    "correct_debt": steps.in_turn(overlap.asked_once, money.correct_debt),
    "suspend_recovery": money.suspend_recovery,
    "demand_refund": money.demand_refund,
    "deduct_next_settlement": money.deduct_next_settlement,
    "book_payment": money.book_payment,
    "return_money": money.return_money,
    "open_case": money.open_case,
}
#: Who is told of steps, of work given out and of posts lent, beside the effects; another channel would stand here too.
LISTENERS = Listeners(
    step=(reminders.after_step,), assigned=(reminders.after_assigning,), lent=(reminders.after_lending,)
)
#: What steps ask to be so: fact of the kernel → function of the items that answers for which of them it holds.
FACTS: dict[str, items.Fact] = {"paid": facts.paid, "complete": facts.complete, "undrawn": samples.undrawn}
#: Where files go that a step brings as its papers.
CASE_FILE = files.CaseFile(case_file.references, evidence.receive_all, case_file.keep)
#: What `fundguard verify` checks beside the ledger.
VERIFY = {"附件": verify_evidence, "追回账目": verify_book}
