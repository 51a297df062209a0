"""Signing in, the own account, and (`accounts:`) account administration."""

from allauth.account.views import ReauthenticateView
from allauth.socialaccount.providers.openid_connect import views as sign_on
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.decorators.http import require_POST

from fundguard.web.accounts import administration, second_factor, views

_administration = (
    [
        path("", administration.listing, name="list"),
        path("new/", administration.create, name="new"),
        path("<int:pk>/", administration.detail, name="detail"),
        path("<int:pk>/<slug:act>/", administration.act, name="act"),
    ],
    "accounts",
)
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/", views.Login.as_view(), name="account_login"),  # the name that allauth knows
    path("login/code/", second_factor.Authenticate.as_view(), name="mfa_authenticate"),
    path("login/unit/<slug:provider_id>/", require_POST(sign_on.login), name="openid_connect_login"),
    path("login/unit/<slug:provider_id>/back/", sign_on.callback, name="openid_connect_callback"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password_change"),
    path(
        "password/done/",
        auth.PasswordChangeDoneView.as_view(template_name="accounts/password_change_done.html"),
        name="password_change_done",
    ),
    path("security/", second_factor.Security.as_view(), name="mfa_index"),
    path("security/end-sessions/", views.end_sessions, name="end_sessions"),
    path(
        "security/confirm/",
        ReauthenticateView.as_view(template_name="accounts/reauthenticate.html"),
        name="account_reauthenticate",
    ),
    path("security/confirm-code/", second_factor.Reauthenticate.as_view(), name="mfa_reauthenticate"),
    path("security/code/", second_factor.Activate.as_view(), name="mfa_activate_totp"),
    path("security/code/off/", second_factor.Deactivate.as_view(), name="mfa_deactivate_totp"),
    path("security/recovery/", second_factor.Codes.as_view(), name="mfa_view_recovery_codes"),
    path("security/recovery/new/", second_factor.GenerateCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("accounts/", include(_administration)),
]
