"""Forms for signing in and changing the password."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class SignInForm(AuthenticationForm):
    """Account name and password. A wrong name and a wrong password are told the same."""

    error_messages = {
        "invalid_login": "账号或密码不正确。连续输错 5 次将锁定 15 分钟。",
        "inactive": "账号或密码不正确。连续输错 5 次将锁定 15 分钟。",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"


class PasswordForm(PasswordChangeForm):
    """Old password once, new password twice."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"
