"""`seed_demo`: demonstration regions and accounts. Again changes nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from fundguard.web.accounts.demo import ACCOUNTS, AFFILIATIONS, PASSWORD, REGIONS
from fundguard.web.accounts.models import Affiliation, Region, User


class Command(BaseCommand):
    help = "建立演示用的行政区划和账号（仅演示模式）"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("只有演示模式才能建立演示账号。")
        seed()


@transaction.atomic
def seed() -> None:
    """Add the regions, accounts and affiliations of `accounts.demo` that are not there yet."""
    for code, name, level, above in REGIONS:
        if not Region.objects.filter(code=code).exists():
            values = {"code": code, "name": name, "level": level}
            if above:
                Region.objects.add_child(Region.objects.get(code=above), values)
            else:
                Region.objects.add_root(values)
    regions = {region.code: region for region in Region.objects.all()}
    there = set(User.objects.values_list("username", flat=True))
    missing = [a for a in ACCOUNTS if a.username not in there]
    if missing:
        secret = make_password(PASSWORD)  # one hash for all: the password is public, and hashing is slow on purpose
        User.objects.bulk_create(
            User(
                username=a.username,
                name=a.name,
                role=a.role,
                region=regions[a.region],
                institution_code=a.institution_code,
                password=secret,
            )
            for a in missing
        )
    for head, member in AFFILIATIONS:
        Affiliation.objects.get_or_create(head=head, member=member)
