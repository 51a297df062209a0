"""Commands that guard what the site recorded: checking the ledger, backup, restore, upgrade."""

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
    """核对操作台账和追回账目：指出被改动、删除、移位的记录和未存证的部分，以及不平衡的账目。

    完好退出码为 0，发现异常为 1。
    """
    from fundguard.web.serve import manage

    options = [*(["--heads", str(heads.resolve())] if heads else []), *(["--json"] if json else [])]
    return manage(data, "verify_ledger", *options)


def backup(
    target: Annotated[Path, typer.Argument(help="备份文件，不能已存在。")],
    data: Data = Path("var"),
) -> None:
    """备份网站数据库、数据仓库、核查结果、台账链头和密钥到一个文件。

    密钥用环境变量 FUNDGUARD_BACKUP_PASSPHRASE 给出的密码加密。备份期间网站照常使用，导入稍候。
    """
    from fundguard.web.backup.services import backup as make

    told = make(data.resolve(), target.resolve())
    size = sum(one["size"] for one in told["files"].values())
    print(f"已备份：{len(told['files'])} 个文件，{size / 1e6:.1f} MB，台账 {told['ledger']['entries']} 行。")


def restore(
    source: Annotated[Path, typer.Argument(help="备份文件。")],
    data: Data = Path("var"),
) -> int:
    """把备份恢复到空文件夹（PostgreSQL 的备份另须一个空数据库），然后核对台账。

    备份损坏或密码不对时不做任何改动，退出码为 1。
    旧版本的备份恢复以后，还须用 fundguard upgrade 升级才能核对，退出码也是 1。
    """
    from fundguard.web.backup.services import restore as put_back

    told = put_back(source.resolve(), data.resolve())
    print(f"已恢复 {told['made']} 的备份：{len(told['files'])} 个文件。", flush=True)
    return verify(data)


def upgrade(
    target: Annotated[Path, typer.Argument(help="升级前的备份文件，不能已存在。")],
    data: Data = Path("var"),
) -> int:
    """把旧版本的数据文件夹升级到本版本：先备份，再改动数据库，然后核对台账。

    网站和后台任务须先停止。没有升级成功时退出码不为 0，用升级前的版本恢复备份即可退回。
    """
    from fundguard.web.serve import upgrade as bring_up

    return bring_up(data.resolve(), target.resolve())
