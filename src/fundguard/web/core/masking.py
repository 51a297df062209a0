"""How personal data looks to someone who has not opened it. The length of what is hidden does not show."""

from __future__ import annotations

from collections.abc import Callable


def mask_name(name: str) -> str:
    """`测**`: the family name stays."""
    return name[:1] + "**" if name else ""


def mask_number(number: str) -> str:
    """`99****`: the province of an identity number, the first two signs of any other number."""
    return number[:2] + "****" if number else ""


def mask_phone(phone: str) -> str:
    """`199****12`: the first three and the last two digits, nothing of a number too short to hide."""
    return f"{phone[:3]}****{phone[-2:]}" if len(phone) >= 10 else "****" if phone else ""


def mask_address(address: str) -> str:
    """`示例省****`: at most the first three signs."""
    return address[:3] + "****" if address else ""


#: Kind of identity field (`fundguard.claims.tables.IDENTITY_KINDS`) → how it is masked.
MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "number": mask_number,
    "phone": mask_phone,
    "address": mask_address,
}
