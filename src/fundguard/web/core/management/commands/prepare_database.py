"""`manage prepare_database`: the tables of this version, in a new database or, where it is wanted, in an older one."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from fundguard.errors import Refusal


class Command(BaseCommand):
    help = "建立数据库的表；已有数据的旧版数据库须先备份再升级"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--upgrade", action="store_true", help="旧版的数据库也升级")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refuse_other_version(upgrade=options["upgrade"])
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(refusal.exit_code)
        call_command("migrate", interactive=False, verbosity=0)


def refuse_other_version(*, upgrade: bool) -> None:
    """Refuses a database that a later version has changed, and without `upgrade` one that this version would change."""
    executor = MigrationExecutor(connection)
    applied, known = set(executor.loader.applied_migrations), set(executor.loader.disk_migrations)
    ours = {app for app, _ in known}
    if later := sorted(f"{app}.{name}" for app, name in applied - known if app in ours):
        raise Refusal(
            "数据库由更新的版本使用过，本版本不能使用",
            where="网站数据库",
            seen=later[0],
            remedy="安装更新的版本；要退回本版本，把升级前的备份恢复到空文件夹",
        )
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if applied and waiting and not upgrade:
        raise Refusal(
            "数据库是旧版本的，须先升级",
            where="网站数据库",
            seen=f"{len(waiting)} 项改动待办",
            remedy="停止网站，运行 fundguard upgrade 备份文件：先备份，再升级，然后核对台账",
        )
