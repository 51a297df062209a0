"""Commands that read what ships with the product: rules and law."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from fundguard.cli import show
from fundguard.cli.claims import Json
from fundguard.errors import Refusal

RULE = ("code", "name", "verdict", "article", "state", "version")
ARTICLE = ("ref", "cited", "label", "flag")


def rules(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="规则编码，如 N27。省略则列出全部。")] = None,
    json: Json = False,
) -> None:
    """列出规则，或显示一条规则的内容。"""
    from fundguard.rules.catalogue import load

    catalogue = load()
    if code is None:
        listed = [{name: getattr(rule, name) for name in RULE} for rule in catalogue.values()]
        show.answer("规则", listed, as_json=json)
        return
    if code not in catalogue:
        raise Refusal(f"没有规则 {code}", remedy="运行 fundguard rules 查看全部规则编码", exit_code=2)
    show.answer(f"规则 {code}", catalogue[code], as_json=json)


def law(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="条文编号，如 条例:38(1)；或参数名称。省略则列出条文。")
    ] = None,
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="参数适用的日期，按该日有效的值回答。")
    ] = None,
    region: Annotated[str, typer.Option(help="统筹区编码，有地方规定的从其规定。")] = "",
    json: Json = False,
) -> None:
    """列出法律条文，显示一条条文，或（给出 --day 时）某日有效的法定参数。"""
    from fundguard import law as laws

    if name is None:
        listed = [{column: getattr(article, column) for column in ARTICLE} for article in laws.articles()]
        show.answer("条文", listed, as_json=json)
        return
    found = laws.parameter(name, day=day.date(), region=region) if day else laws.article(name)
    show.answer(name, found, as_json=json)
