"""Writes: the demonstration's regions and accounts."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction

from fundguard.web.accounts.demo import ACCOUNTS, PASSWORD, REGIONS
from fundguard.web.accounts.models import Region, User


@transaction.atomic
def seed_demo() -> None:
    """Regions and accounts of the demonstration; what is there already stays as it is."""
    for code, name, parent in REGIONS:
        if not Region.objects.filter(code=code).exists():
            if parent is None:
                Region.objects.add_root({"code": code, "name": name})
            else:
                Region.objects.add_child(Region.objects.get(code=parent), {"code": code, "name": name})
    known = set(User.objects.values_list("username", flat=True))
    regions = {region.code: region for region in Region.objects.all()}
    password = make_password(PASSWORD) if len(known) < len(ACCOUNTS) else ""
    User.objects.bulk_create(
        User(
            username=a.username,
            display_name=a.display_name,
            role=a.role,
            region=regions[a.region],
            staff_no=f"demo-{a.username}",
            password=password,
        )
        for a in ACCOUNTS
        if a.username not in known
    )


def assign_institutions(by_username: Mapping[str, tuple[str, ...]], practitioner: Mapping[str, str]) -> None:
    """Which institutions the demo accounts of institutions belong to, and which doctor the doctor's is."""
    for username, codes in by_username.items():
        User.objects.filter(username=username).update(institutions=" ".join(codes))
    for username, code in practitioner.items():
        User.objects.filter(username=username).update(practitioner=code)
