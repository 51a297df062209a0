"""`manage create_admin`: the first administrator; behind `fundguard accounts create-admin`."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from fundguard.errors import Refusal
from fundguard.web.accounts.administrators import create_first

VARIABLE = "FUNDGUARD_ADMIN_PASSWORD"


class Command(BaseCommand):
    help = "建立首个系统管理员，口令由终端输入或环境变量给出"

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("username", "name", "region", "region_name"):
            parser.add_argument(name)

    def handle(self, *args: Any, **options: Any) -> None:
        told = {name: options[name] for name in ("username", "name", "region", "region_name")}
        try:
            password = _password()
            call_command("prepare_database")  # the database may still be empty
            user = create_first(**told, password=password)
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(refusal.exit_code)
        self.stdout.write(f"已建立系统管理员 {user.username}。")


def _password() -> str:
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        raise Refusal("没有给出口令", where=VARIABLE, remedy=f"请在终端运行并输入口令，或设环境变量 {VARIABLE}。")
    first, second = (getpass.getpass(f"{words}：") for words in ("口令", "再输一遍"))
    if first != second:
        raise Refusal("两次输入的口令不同", where="口令", remedy="请重新运行。")
    return first
