"""Taking back a whole bulk step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from fundguard.web.accounts.guard import require
from fundguard.web.desk import undoing
from fundguard.web.desk.models import BulkStep


@require_POST
@require("do.bulk")
def undo_bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Its owner alone, once it has ended."""
    own = BulkStep.objects.select_related("job").filter(job__created_by=request.viewer.user)
    return redirect("desk:bulk_shown", pk=undoing.start(request.viewer, get_object_or_404(own, pk=pk)).pk)
