"""All addresses of the site, one include an app."""

from django.urls import include, path

from fundguard.web.core import errors

urlpatterns = [
    path("", include("fundguard.web.accounts.urls")),
    path("", include("fundguard.web.overview.urls")),
    path("intake/", include("fundguard.web.intake.urls")),
    path("runs/", include("fundguard.web.runs.urls")),
    path("jobs/", include("fundguard.web.jobs.urls")),
    path("ledger/", include("fundguard.web.ledger.urls")),
    path("desk/", include("fundguard.web.desk.urls")),
    path("filters/", include("fundguard.web.filters.urls")),
    path("workload/", include("fundguard.web.workload.urls")),
    path("reminders/", include("fundguard.web.reminders.urls")),
    path("findings/", include("fundguard.web.findings.urls")),
    path("foreign/", include("fundguard.web.foreign.urls")),
    path("scorecard/", include("fundguard.web.scorecard.urls")),
    path("rulebook/", include("fundguard.web.rulebook.urls")),
    path("rulebase/", include("fundguard.web.rulebase.urls")),
    path("fund/", include("fundguard.web.fund.urls")),
    path("allocations/", include("fundguard.web.allocations.urls")),
    path("recall/", include("fundguard.web.recall.urls")),
    path("knowledge/", include("fundguard.web.knowledge_base.urls")),
    path("papers/", include("fundguard.web.papers.urls")),
    path("self-check/", include("fundguard.web.selfcheck.urls")),
    path("evidence/", include("fundguard.web.evidence.urls")),
    path("units/", include("fundguard.web.units.urls")),
    path("portal/", include("fundguard.web.portal.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many
handler500 = errors.server_error
