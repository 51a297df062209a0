"""The command that reads what ships with the product as law."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from fundguard.cli import show
from fundguard.cli.claims import Json

ARTICLE = ("ref", "cited", "label", "flag")


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
