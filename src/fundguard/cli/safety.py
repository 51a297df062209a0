"""Commands that guard what the site recorded: checking the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundguard.cli.site import Data


def verify(
    data: Data = Path("var"),
    heads: Annotated[Path | None, typer.Option(help="每日链头所在的文件夹；不写则用网站的设置。")] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。")] = False,
) -> int:
    """核对操作台账：指出被改动、删除、移位的记录和未存证的部分。

    台账完好退出码为 0，发现异常为 1。
    """
    from fundguard.web.serve import manage

    options = [*(["--heads", str(heads.resolve())] if heads else []), *(["--json"] if json else [])]
    return manage(data, "verify_ledger", *options)
