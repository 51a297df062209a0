"""Typer's own words in Chinese: it has them as English literals, so help and errors are turned into Chinese here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer._click.exceptions import (  # the version is pinned; Typer has no public name for these
    BadParameter,
    MissingParameter,
    NoSuchOption,
    UsageError,
)
from typer.core import TyperCommand, TyperGroup

from fundguard.errors import Refusal

HELP = {
    "Usage:": "用法:",
    "Arguments:": "参数:",
    "Options:": "选项:",
    "Commands:": "命令:",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "Show this message and exit.": "显示本说明。",
    "[required]": "[必填]",
    "[default: ": "[默认: ",
}


class Command(TyperCommand):
    """A command whose help is Chinese."""

    def get_help(self, ctx: Any) -> str:
        return _chinese(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help is Chinese."""

    def get_help(self, ctx: Any) -> str:
        return _chinese(super().get_help(ctx))


def wrong_use(error: UsageError, arguments: Sequence[str]) -> Refusal:
    """A parser's error as the four parts, exit code 2. The parser's English sentence is left out."""
    command = error.ctx.command_path if error.ctx else "fundguard"
    return Refusal(
        _fault(error),
        where=command,
        seen=" ".join(["fundguard", *arguments]),
        remedy=f"运行 {command} --help 查看用法",
        exit_code=2,
    )


def _fault(error: UsageError) -> str:
    if isinstance(error, NoSuchOption):
        return f"没有选项 {error.option_name}"
    if not isinstance(error, BadParameter) or error.param is None:
        return "没有这个命令，或参数多余"
    name = max(error.param.opts, key=len) if error.param.param_type_name == "option" else error.param.metavar
    return f"缺少 {name}" if isinstance(error, MissingParameter) else f"{name} 的值不对"


def _chinese(text: str) -> str:
    for english, chinese in HELP.items():
        text = text.replace(english, chinese)
    return text
