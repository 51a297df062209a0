"""All addresses of the site, one include an app."""

from django.contrib.auth import views as auth
from django.urls import include, path

from fundguard.web.accounts.views import Login, Logout, PasswordChange
from fundguard.web.core import errors

urlpatterns = [
    path("login/", Login.as_view(), name="login"),
    path("logout/", Logout.as_view(), name="logout"),
    path("password/", PasswordChange.as_view(), name="password_change"),
    path(
        "password/done/",
        auth.PasswordChangeDoneView.as_view(template_name="accounts/password_change_done.html"),
        name="password_change_done",
    ),
    path("", include("fundguard.web.overview.urls")),
    path("intake/", include("fundguard.web.intake.urls")),
    path("runs/", include("fundguard.web.runs.urls")),
    path("jobs/", include("fundguard.web.jobs.urls")),
    path("ledger/", include("fundguard.web.ledger.urls")),
    path("desk/", include("fundguard.web.desk.urls")),
    path("findings/", include("fundguard.web.findings.urls")),
    path("rulebook/", include("fundguard.web.rulebook.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
