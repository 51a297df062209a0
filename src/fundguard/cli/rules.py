"""`fundguard rules`: the catalogue, one rule of it, and its examples run on the engines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from fundguard.cli import show, words
from fundguard.cli.claims import Json
from fundguard.errors import Refusal

LISTED = ("code", "name", "verdict", "verdict_limit", "state", "shape", "scope", "stages", "limit_reason", "article")
LISTED_TOO = ("version", "klass", "regions")


class Engine(StrEnum):
    DUCKDB = "duckdb"
    SQLITE = "sqlite"
    SPARK = "spark"


class Rules(words.Group):
    """Without a command of its own it lists the rules; a code instead of a command shows that rule."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = ["list" if all(arg.startswith("-") for arg in args) else "show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="rules",
    cls=Rules,
    help="规则：列出（可省略 list）、按编码显示（可省略 show）、运行示例。",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
)


@app.command(name="list", cls=words.Command)
def list_(json: Json = False) -> None:
    """列出全部规则：结果和上限、状态、形状、范围、阶段。"""
    from fundguard.rules.catalogue import load
    from fundguard.rules.shape import shapes

    told = [
        {name: getattr(rule, name, None) for name in (*LISTED, *LISTED_TOO)} | {"scope": shapes()[rule.shape].scope}
        for rule in load().values()
    ]
    show.answer("规则", told if json else [{name: one[name] for name in LISTED} for one in told], as_json=json)


@app.command(name="show", cls=words.Command)
def show_(
    code: Annotated[str, typer.Argument(metavar="CODE", help="规则编码，如 N27。")],
    json: Json = False,
) -> None:
    """显示一条规则的内容。"""
    from fundguard.rules.catalogue import load

    if code not in load():
        raise Refusal(f"没有规则 {code}", remedy="运行 fundguard rules 查看全部规则编码", exit_code=2)
    show.answer(f"规则 {code}", load()[code], as_json=json)


@app.command(name="test", cls=words.Command)
def run_examples(
    codes: Annotated[list[str] | None, typer.Argument(metavar="CODE...", help="规则编码。省略则全部。")] = None,
    engine: Annotated[
        list[Engine] | None, typer.Option(help="只在这个引擎上运行，可重复。默认为已安装的全部引擎。")
    ] = None,
    json: Json = False,
) -> None:
    """在各引擎上运行规则的示例。全部符合退出码为 0，有不符合的为 1。"""
    from fundguard.audit.engine_check import check, installed

    with show.progress("示例") as report:
        checked = check(codes, engine or installed(), progress=report)
    rows = [{"code": one.code, "name": one.name, "examples": one.examples, **one.engines} for one in checked.rules]
    wrong = [{"engine": name, **vars(failure)} for name, failure in checked.failures]
    show.answer("示例", {"rules_tested": rows, "failures": wrong}, as_json=json)
    if wrong or not all(one.examples for one in checked.rules):
        raise typer.Exit(1)
