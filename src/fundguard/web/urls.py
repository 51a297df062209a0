"""All addresses."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("fundguard.web.overview.urls")),
    path("account/", include("fundguard.web.accounts.urls")),
    path("jobs/", include("fundguard.web.jobs.urls")),
    path("ledger/", include("fundguard.web.ledger.urls")),
]

handler400 = "fundguard.web.core.errors.bad_request"
handler403 = "fundguard.web.core.errors.forbidden"
handler404 = "fundguard.web.core.errors.not_found"
handler500 = "fundguard.web.core.errors.broken"
