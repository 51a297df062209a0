"""`manage seed_demo`: regions and accounts of the demonstration; its data follow in the background."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fundguard.web.accounts.services import seed_demo
from fundguard.web.jobs import selectors, services


class Command(BaseCommand):
    help = "写入演示区划与演示账号（仅演示模式）"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("演示账号的口令是公开的，只能在演示模式下写入")
        seed_demo()
        if not (selectors.any_done("demo") or selectors.any_active("demo")):
            services.start("demo", "准备演示数据", None)
