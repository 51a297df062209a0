"""One press: taking back a whole bulk step, taking one finding for oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from fundguard.errors import Refusal
from fundguard.web.accounts.guard import require
from fundguard.web.desk import assigning, selectors, undoing
from fundguard.web.desk.models import BulkStep


@require_POST
@require("do.bulk")
def undo_bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Its owner alone, once it has ended."""
    own = BulkStep.objects.select_related("job").filter(job__created_by=request.viewer.user)
    return redirect("desk:bulk_shown", pk=undoing.start(request.viewer, get_object_or_404(own, pk=pk)).pk)


@require_POST
@require("do.steps")
def claim_one(request: HttpRequest, key: str) -> HttpResponse:
    """Back to the finding, which is now the viewer's."""
    if key in selectors.blind(request.viewer):
        raise Refusal("本人正在随机复审此项", where="领取", remedy="请先完成复审")
    assigning.claim(request.viewer, key)
    return redirect("findings:detail", key=key)
