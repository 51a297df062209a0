"""An example of every page: the sweeps take the addresses from the URL configuration and look here for what to fill in.

An address without anything to fill in is its own example. One that asks for something needs a line in `EXAMPLES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

#: Name of the address → pages with real content. `{…}` is what `browsed.py` told.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "accounts:detail": ("/accounts/1/",),
    "desk:answer": ("/desk/samples/{drawn}/answer/",),
    "desk:answer_step": tuple(f"/desk/answers/{{notified}}/{verb}/" for verb in ("accept", "object", "ask_extension")),
    "desk:bulk": ("/desk/bulk/?state=found&verb=dismiss",),
    "desk:bulk_shown": ("/desk/bulk/{bulk}/",),
    "desk:queue": ("/desk/", "/desk/?state=found", "/desk/?state=recovering", "/desk/?institution=none"),
    "desk:sample": ("/desk/samples/{sample}/",),
    "desk:step": (
        *(f"/desk/{{upheld}}/{verb}/" for verb in ("uphold_part", "confirm", "notify", "determine")),
        *(f"/desk/{{recovering}}/{verb}/" for verb in ("recover", "record_payment")),
    ),
    "allocations:detail": ("/allocations/{recovering}/",),
    "evidence:case_file": ("/evidence/{notified}/", "/evidence/{recovering}/"),
    "evidence:file": ("/evidence/files/{file}/",),
    "foreign:columns": ("/foreign/{unread}/columns/",),
    "foreign:excel": ("/foreign/{received}/excel/",),
    "foreign:feedback_excel": ("/foreign/feedback/{feedback}/excel/",),
    "foreign:list": ("/foreign/{received}/",),
    "foreign:row": ("/foreign/rows/{row}/",),
    "findings:detail": ("/findings/{notified}/", "/findings/{recovering}/"),
    "findings:export_file": ("/findings/exports/{export}/file/",),
    "findings:export_progress": ("/findings/exports/{export}/progress/",),
    "findings:exporting": ("/findings/exports/{export}/",),
    "findings:queue": ("/findings/", "/findings/?rule=L001", "/findings/?institution=none"),
    "fund:clearing": ("/fund/clearing/", "/fund/clearing/?month=2026-10"),
    "fund:demand": ("/fund/1/", "/fund/{demand}/"),
    "fund:statement": ("/fund/institutions/H99010110001/?first=2026-01-01", "/fund/institutions/{hospital}/"),
    "fund:statement_file": ("/fund/institutions/H99010110001/file/?first=2026-01-01",),
    "fund:statement_pdf": ("/fund/institutions/H99010110001/pdf/?first=2026-01-01",),
    "intake:arrival": ("/intake/1/",),
    "intake:quality": ("/intake/quality/", "/intake/quality/?section=completeness"),
    "intake:quarantine_excel": ("/intake/1/quarantine/",),
    "job_progress": ("/jobs/{export}/progress/",),
    "knowledge_base:catalogue": ("/knowledge/catalogues/{catalogue}/",),
    "knowledge_base:form": ("/knowledge/forms/course/",),
    "knowledge_base:point": ("/knowledge/points/D-010-0001/",),
    "knowledge_base:shown": ("/knowledge/{knowledge}/", "/knowledge/{unsigned}/"),
    "knowledge_base:table": ("/knowledge/tables/course/",),
    "knowledge_base:where": (
        "/knowledge/where/",
        "/knowledge/where/?q=XB01AXA223B004010180963",
        "/knowledge/where/?q=X",
    ),
    "knowledge_base:file": ("/knowledge/{knowledge}/file/",),
    "login": ("/login/", "/login/?next=/&ended=1"),
    "papers:paper": ("/papers/{paper}/",),
    "papers:pdf": ("/papers/{paper}/pdf/",),
    "papers:verify": ("/papers/verify/{token}/", "/papers/verify/unknown/"),
    "papers:word": ("/papers/{paper}/word/",),
    "portal:faults": ("/portal/sheet/{sheet}/faults/",),
    "portal:item": ("/portal/items/{notified}/", "/portal/items/{recovering}/"),
    "portal:list": ("/portal/", "/portal/?q=none"),
    "portal:progress": ("/portal/sheet/{sheet}/progress/",),
    "portal:question": ("/portal/inner/{question}/",),
    "portal:sheet": ("/portal/sheet/{sheet}/",),
    "recall:file": ("/recall/{recall}/file/",),
    "recall:shown": ("/recall/{recall}/",),
    "rulebase:compare": ("/rulebase/what-ifs/compare/", "/rulebase/what-ifs/compare/?pk={replay}&pk={what_if}"),
    "rulebase:edit": ("/rulebase/rules/N67/edit/", "/rulebase/rules/L501/edit/"),
    "rulebase:new": ("/rulebase/new/frequency/", "/rulebase/new/cycle/"),
    "rulebase:rule": ("/rulebase/rules/N67/", "/rulebase/rules/L501/"),
    "rulebase:start": ("/rulebase/what-ifs/start/?rule=N31",),
    "rulebase:version": ("/rulebase/rules/L501/1/",),
    "rulebase:what_if": ("/rulebase/what-ifs/{replay}/", "/rulebase/what-ifs/{what_if}/"),
    "rulebook:code": ("/rulebook/codes/ZD03AAA0043010100166/",),
    "rulebook:problems": ("/rulebook/problems/", "/rulebook/problems/?field=%E9%AA%A8%E7%A7%91"),
    "rulebook:rule": ("/rulebook/N67/", "/rulebook/N49/"),
    "rulebook:search": ("/rulebook/search/?q=xj", "/rulebook/search/?q=afngw", "/rulebook/search/?q=@@"),
    "runs:findings_excel": ("/runs/1/findings/",),
    "runs:run": ("/runs/1/",),
    "scorecard:behind": ("/scorecard/findings/hits/", "/scorecard/findings/lost/"),
    "scorecard:narrowing": ("/scorecard/narrowings/{narrowing}/",),
    "scorecard:narrowing_file": ("/scorecard/narrowings/{narrowing}/file/",),
    "selfcheck:campaign": ("/self-check/campaigns/{campaign}/",),
    "selfcheck:check": ("/self-check/checks/{check}/",),
    "selfcheck:list": ("/self-check/lists/{listed}/",),
    "selfcheck:problem": ("/self-check/reports/{report}/problems/{problem}/",),
    "selfcheck:report": ("/self-check/reports/{report}/",),
    "selfcheck:spot": ("/self-check/spots/{spot}/",),
    "selfcheck:submitted": ("/self-check/submitted/{report}/",),
}
#: Pages that open only in the middle of something, and the browser test that has axe look at them there.
ELSEWHERE = {
    "findings:identity": "findings/test_findings_browser.py",
    "intake:job": "test_claims_browser.py",
    "account_reauthenticate": "test_shell_browser.py",
    "mfa_activate_totp": "test_shell_browser.py",
    "mfa_authenticate": "test_shell_browser.py",
    "mfa_deactivate_totp": "test_shell_browser.py",
    "mfa_generate_recovery_codes": "test_shell_browser.py",
    "mfa_reauthenticate": "test_shell_browser.py",
    "mfa_view_recovery_codes": "test_shell_browser.py",
}
#: Addresses that only lead on to another page.
ONWARD = frozenset({"foreign:next_row"})
#: Addresses of another server's answers: without one they lead back to the sign-in page.
PROVIDERS = frozenset({"openid_connect_login", "openid_connect_callback"})


def named(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every address of the site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield space + (pattern.name or ""), "/" + route


def examples(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Name → addresses to look at. Where a name has no example, its route with ones: only POST may be meant there."""
    return {
        name: tuple(one.format_map(given) for one in EXAMPLES.get(name, (re.sub(r"<[^>]+>", "1", route),)))
        for name, route in named()
        if name not in ELSEWHERE | dict.fromkeys(PROVIDERS | ONWARD)
    }


class Shape(HTMLParser):
    """What a page is made of, without its words: two pages of one shape look alike to axe.

    Outside `main` the menu counts by its entries, inside it every kind of element with its kinds of attributes.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: set[str] = set()
        self.inline: list[str] = []
        self.foreign: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        kind = " ".join(told.get(name) or "" for name in ("class", "role", "type"))
        self.parts.add(f"{tag} {kind} {' '.join(sorted(told))}")
        if tag == "style" or (tag == "script" and "src" not in told and told.get("type") != "application/json"):
            self.inline.append(self.get_starttag_text() or tag)
        for name, value in told.items():
            if name == "style" or name.startswith("on") or (value or "").strip().startswith("javascript:"):
                self.inline.append(self.get_starttag_text() or tag)
            if name in ("src", "href", "action", "srcset", "data") and re.match(r"(\w+:)?//", value or ""):
                self.foreign.append(value or "")

    @property
    def shape(self) -> frozenset[str]:
        return frozenset(self.parts)
