"""The forms of an institution's single steps; its list and the answer line by line are in `web.portal`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.desk import answering, selectors
from fundguard.web.desk.views import step_form


@require("do.answer")
def answer(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """What the item's state does not offer is refused here: the kernel would name the bureau's own state."""
    stands, offered = answering.stands(request.viewer, key)
    if verb not in offered:
        raise Refusal(f"目前“{stands}”，不能办理此事项", where="疑点答复", remedy="请返回疑点，按目前可办的事项办理")
    return step_form(request, key, verb, selectors.INSTITUTION)
