"""`fundguard accounts`: what must be done to accounts before anyone can sign in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundguard.cli import words
from fundguard.cli.site import Data

app = typer.Typer(
    name="accounts",
    cls=words.Group,
    help="账号：建立首个系统管理员。",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
)


@app.command(name="create-admin", cls=words.Command)
def create_admin(
    username: Annotated[str, typer.Argument(help="登录账号。", metavar="账号")],
    name: Annotated[str, typer.Option(help="姓名。")],
    region: Annotated[str, typer.Option(help="本单位的医保区划代码，六位数字。")],
    region_name: Annotated[str, typer.Option(help="区划名称；区划还没有登记时须写。")] = "",
    data: Data = Path("var"),
) -> int:
    """建立首个系统管理员；已有系统管理员时拒绝。

    口令在终端输入两遍，或由环境变量 FUNDGUARD_ADMIN_PASSWORD 给出，不能写在命令里。
    """
    from fundguard.web.serve import manage

    return manage(data, "create_admin", username, name, region, region_name)


@app.callback()
def accounts() -> None:
    """A group keeps its name although it has one command."""
