"""Commands that run the site: demonstration, server, background worker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fundguard.cli import claims

Data = Annotated[Path, typer.Option(help="数据文件夹：仓库、运行结果、网站数据库、任务队列。")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="端口。")]


def demo(
    data: Data = Path("var"),
    port: Port = 8000,
    lines: Annotated[int, typer.Option(min=20_000, help="合成城市的费用明细行数。")] = 50_000,
) -> int:
    """演示：第一次运行时生成、导入并审核一座合成城市，然后打开演示网站。

    中断后再运行，已完成的步骤不重做。
    """
    city, store, run = data / "city", data / "store", data / "runs" / "demo"
    if not (city / "city.json").exists():
        claims.synth(city, lines=lines)
    if not any(store.glob("arrivals/*.json")):
        claims.import_(str(city), store)
    if not (run / "run.json").exists():
        claims.audit(store, run, knowledge=data / "knowledge")
    return serve(data, port=port, demo=True)


def serve(
    data: Data = Path("var"),
    host: Annotated[str, typer.Option(help="监听地址。演示方式只允许本机。")] = "127.0.0.1",
    port: Port = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="演示方式：建立演示账号，只监听本机。")] = False,
) -> int:
    """启动网站和后台任务，直到按 Ctrl-C。"""
    from fundguard.web.serve import serve as run_site

    return run_site(data=data, host=host, port=port, demo=demo)


def worker(data: Data = Path("var")) -> int:
    """只启动后台任务（网站在别处运行时使用）。"""
    from fundguard.web.serve import worker as run_worker

    return run_worker(data=data)
