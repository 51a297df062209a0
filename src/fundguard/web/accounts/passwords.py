"""What a password must be, beyond Django's own rules, and temporary ones."""

from __future__ import annotations

import secrets
import string
import unicodedata

from django.core.exceptions import ValidationError

from fundguard.web.accounts.models import User

KINDS_AT_LEAST = 3
TEMPORARY_LENGTH = 14
#: No sign that is easily taken for another when it is read out.
_SIGNS = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789", "-+=#%")


class KindsOfSigns:
    """At least three kinds of: small letters, capitals, digits, Chinese and other letters, other signs."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len({_kind(sign) for sign in password}) < KINDS_AT_LEAST:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        return f"密码应包含小写字母、大写字母、数字、汉字、其他符号中的至少 {KINDS_AT_LEAST} 种。"


class NotTheSame:
    """The new password is not the one in use."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is not None and user.pk and user.has_usable_password() and user.check_password(password):
            raise ValidationError(self.get_help_text(), code="password_same")

    def get_help_text(self) -> str:
        return "新密码不能与现在的密码相同。"


def temporary() -> str:
    """A password that meets the rules, for the first sign-in only."""
    signs = [secrets.choice(kind) for kind in _SIGNS]
    signs += [secrets.choice("".join(_SIGNS)) for _ in range(TEMPORARY_LENGTH - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


def _kind(sign: str) -> str:
    if sign in string.ascii_lowercase:
        return "small"
    if sign in string.ascii_uppercase:
        return "capital"
    if sign.isdigit():
        return "digit"
    return "letter" if unicodedata.category(sign).startswith("L") else "sign"
