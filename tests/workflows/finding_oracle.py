"""The finding workflow once more, written down by hand as plain tables, independently of its declaration."""

#: state | step, who, where it leads
LEADS = """
found            | ask_papers              first_reviewer        awaiting_papers
found            | uphold                  first_reviewer        upheld
found            | uphold_part             first_reviewer        upheld
found            | dismiss                 first_reviewer        dismissed
found            | take_new_evidence       system                found
awaiting_papers  | supply_papers           institution           found
awaiting_papers  | go_on_without           clock                 found
awaiting_papers  | take_new_evidence       system                found
upheld           | confirm                 confirmer             confirmed
upheld           | take_back_review        first_reviewer        found
upheld           | send_back               confirmer             found
upheld           | take_new_evidence       system                found
dismissed        | take_back_review        first_reviewer        found
dismissed        | reopen                  sample_reviewer       found
dismissed        | take_new_evidence       system                found
confirmed        | take_back_confirmation  confirmer             upheld
confirmed        | notify                  confirmer/agreement_officer  notified
confirmed        | take_new_evidence       system                found
notified         | accept                  institution           accepted
notified         | object                  institution           objected
notified         | ask_extension           institution           extension_asked
notified         | lapse                   clock                 unanswered
notified         | return_to_review        system                found
extension_asked  | grant_extension         agreement_officer     notified
extension_asked  | refuse_extension        agreement_officer     notified
extension_asked  | return_to_review        system                found
accepted         | withdraw_acceptance     institution           notified
accepted         | determine               agreement_officer     determined
accepted         | return_to_review        system                found
objected         | start_verification      verifier              verifying
objected         | convene_experts         agreement_officer     arguing
objected         | clear                   agreement_officer     cleared
objected         | return_to_review        system                found
unanswered       | start_verification      verifier              verifying
unanswered       | determine_unanswered    agreement_officer     determined
unanswered       | clear                   agreement_officer     cleared
unanswered       | return_to_review        system                found
verifying        | report_verification     verifier              examined
verifying        | return_to_review        system                found
arguing          | give_argument           expert                examined
arguing          | return_to_review        system                found
examined         | start_verification      verifier              verifying
examined         | convene_experts         agreement_officer     arguing
examined         | determine               agreement_officer     determined
examined         | clear                   agreement_officer     cleared
examined         | return_to_review        system                found
determined       | refuse_payment          agreement_officer     recovering
determined       | recover                 agreement_officer     recovering
determined       | refer_to_bureau         agreement_officer     proposed
determined       | hand_over               agreement_officer/enforcement_officer  in_case
determined       | open_correction         system                correcting
proposed         | announce_views          enforcement_officer   hearing
proposed         | return_to_agency        enforcement_officer   determined
proposed         | open_correction         system                correcting
hearing          | hear_views              enforcement_officer   heard
hearing          | return_to_agency        enforcement_officer   determined
hearing          | open_correction         system                correcting
heard            | decide_handling         bureau_head           recovering
heard            | return_to_agency        enforcement_officer   determined
heard            | hand_over               agreement_officer/enforcement_officer  in_case
heard            | open_correction         system                correcting
in_case          | end_case                enforcement_officer   recovering
in_case          | open_correction         system                correcting
correcting       | correct                 agreement_officer     determined
recovering       | record_payment          fund_clerk            recovering
recovering       | submit_rectification    institution           recovering
recovering       | accept_rectification    verifier              recovering
recovering       | close                   agreement_officer     closed
recovering       | open_correction         system                correcting
withdrawn        | come_again              system                found
"""
#: Withdrawn from everywhere else, by these; but for what a corrected rule finds again, nothing else leaves these.
WITHDRAWS = ("recall_officer", "system")
FINAL = ("cleared", "closed", "withdrawn")
LEAVE_FINAL = ("withdraw", "come_again")
INSTITUTION = ("hospital_office", "pharmacy", "chain_head_office")
#: step: who may not take it, by what he did
FIRST = "ask_papers uphold uphold_part dismiss"
REVIEW = f"{FIRST} confirm send_back"
MAY_NOT = {
    "reopen": REVIEW,
    "confirm": FIRST,
    "send_back": FIRST,
    "notify": FIRST,
    "start_verification": REVIEW,
    "report_verification": REVIEW,
    "convene_experts": REVIEW,
    "give_argument": REVIEW,
    "determine": f"{REVIEW} report_verification give_argument",
    "determine_unanswered": f"{REVIEW} report_verification give_argument",
    "clear": f"{REVIEW} report_verification give_argument",
    "correct": f"{REVIEW} report_verification give_argument",
    "refuse_payment": REVIEW,
    "recover": REVIEW,
    "announce_views": REVIEW,
    "hear_views": REVIEW,
    "decide_handling": f"{REVIEW} hear_views",
    "hand_over": REVIEW,
    "end_case": REVIEW,
    "record_payment": "determine determine_unanswered",
    "close": "record_payment",
}
#: step: what it takes back, and only where the same person took it last
TAKES_BACK = {"take_back_review": "uphold uphold_part dismiss", "take_back_confirmation": "confirm"}
#: steps of the bureau that need the law-enforcement card
CARD = ("announce_views", "hear_views", "return_to_agency", "end_case")
SIDES = {
    "agency": ["first_reviewer", "confirmer", "sample_reviewer", "verifier", "agreement_officer", "fund_clerk"],
    "bureau": ["enforcement_officer", "legal_reviewer", "bureau_head", "recall_officer"],
    "expert": ["expert"],
    "institution": list(INSTITUTION),
}


def leads() -> dict[tuple[str, str], tuple[tuple[str, ...], str]]:
    """(state, step) → (posts, next state)."""
    found = {}
    for line in LEADS.strip().splitlines():
        state, rest = (part.strip() for part in line.split("|"))
        verb, who, to = rest.split()
        found[state, verb] = (INSTITUTION if who == "institution" else tuple(who.split("/")), to)
    states = {state for state, _ in found} | {to for _, to in found.values()} | set(FINAL)
    for state in states - {"withdrawn"}:
        found[state, "withdraw"] = (WITHDRAWS, "withdrawn")
    return found


def incompatible(one: str, other: str) -> bool:
    """Two different posts that one person may not hold."""
    near = {frozenset(pair) for pair in (("first_reviewer", "confirmer"), ("first_reviewer", "sample_reviewer"))}
    near.add(frozenset(("agreement_officer", "fund_clerk")))
    side = {post: name for name, posts in SIDES.items() for post in posts}
    sides = {side[one], side[other]}
    apart = sides == {"agency", "bureau"} or ("institution" in sides and len(sides) == 2)
    return frozenset((one, other)) in near or apart
