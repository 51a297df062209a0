"""Commands over a folder of claims: make a synthetic city, import, audit."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from fundguard.cli import show

Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")]
Store = Annotated[Path, typer.Option(help="数据仓库所在文件夹。")]


def synth(
    out: Annotated[Path, typer.Option(help="写入的文件夹。")],
    lines: Annotated[int, typer.Option(min=20_000, help="费用明细行数。")] = 50_000,
    seed: Annotated[int, typer.Option(help="随机种子；相同的行数和种子得到相同的文件。")] = 1,
    form: Annotated[
        Literal["parquet", "csv", "gb18030"], typer.Option(help="文件形式；gb18030 是该编码的 CSV。")
    ] = "parquet",
    json: Json = False,
) -> None:
    """生成一座合成城市的结算数据，内有预设的违规和不应指控的对照。"""
    from fundguard.claims.city import build_city

    with show.progress("生成数据") as report:
        summary = build_city(lines, seed, out, form=form, progress=report)
    show.answer("合成城市", summary, as_json=json)


def import_(
    source: Annotated[str, typer.Argument(metavar="PATH", help="文件、文件夹、zip，或数据库地址（不含口令）。")],
    store: Store,
    mapping: Annotated[str | None, typer.Option(help="对照文件的路径，或随软件提供的名称。")] = None,
    as_of: Annotated[dt.datetime | None, typer.Option(help="数据没有更新时间时，这批数据截至的时刻。")] = None,
    max_bad: Annotated[float, typer.Option(min=0, max=1, help="不能入库的行超过这个比例则整批不导入。")] = 0.5,
    encoding: Annotated[str | None, typer.Option(help="文本文件的编码，如 gb18030；省略则自动识别。")] = None,
    derive: Annotated[bool, typer.Option(help="导入后随即生成查询库和核查的中间结果。")] = True,
    json: Json = False,
) -> None:
    """导入结算数据。不能入库的行进入隔离区并计数，自相矛盾的行入库并标记；同一数据再次导入不改变任何内容。

    数据库的口令从环境变量 FUNDGUARD_DB_PASSWORD 读取。
    """
    from fundguard.claims.intake import import_database, import_path

    with show.progress("导入") as report:
        if "://" in source:
            result = import_database(source, store, mapping=mapping, as_of=as_of, max_bad=max_bad, progress=report)
        else:
            result = import_path(
                Path(source),
                store,
                mapping=mapping,
                as_of=as_of,
                max_bad=max_bad,
                encoding=encoding,
                progress=report,
            )
    show.answer("导入", result, as_json=json)
    if derive:
        from fundguard.audit.kept import prepare
        from fundguard.claims.store import Store as ClaimsStore

        with show.progress("生成查询库") as report:
            prepare(ClaimsStore.open(store), report)


def audit(
    store: Store,
    out: Annotated[Path, typer.Option(help="疑点、证据和运行记录写入的文件夹。")],
    rule: Annotated[list[str] | None, typer.Option(help="只运行这条规则，可重复。默认运行已发布的全部规则。")] = None,
    region: Annotated[list[str] | None, typer.Option(help="只审核这个统筹区的机构，可重复。")] = None,
    known_on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="按当日已知的数据审核。")] = None,
    knowledge: Annotated[
        Path | None, typer.Option(help="已签署的知识版本所在文件夹，如网站数据文件夹下的 knowledge。")
    ] = None,
    origin: Annotated[Literal["derived", "parquet"], typer.Option(help="读取派生库，或直接读取 Parquet。")] = "derived",
    engine: Annotated[
        Literal["duckdb", "spark"], typer.Option(help="在哪个引擎上运行规则；spark 直接读取 Parquet。")
    ] = "duckdb",
    master: Annotated[str, typer.Option(help="Spark 主节点地址，如 spark://host:7077。")] = "local[2]",
    work: Annotated[Path | None, typer.Option(help="Spark 的中间文件夹，各执行节点须能读写。")] = None,
    setting: Annotated[list[str] | None, typer.Option(help="Spark 的设置，写作 名称=值，可重复。")] = None,
    threads: Annotated[int, typer.Option(min=1, help="线程数。")] = 2,
    memory: Annotated[str, typer.Option(help="内存上限。")] = "1GB",
    json: Json = False,
) -> None:
    """审核仓库中的结算数据，写出疑点、证据、未能判断的内容和运行记录。发现疑点不影响退出码。"""
    from fundguard.audit.batch import audit as run_audit
    from fundguard.audit.engines import Chosen
    from fundguard.claims.store import Store as ClaimsStore
    from fundguard.knowledge import of_region

    with show.progress("审核") as report:
        result = run_audit(
            ClaimsStore.open(store),
            out,
            rules=rule,
            regions=set(region) if region else None,
            known_on=known_on.date() if known_on else None,
            origin=origin,
            progress=report,
            threads=threads,
            memory=memory,
            knowledge=partial(of_region, site=knowledge),
            engine=Chosen(engine, master, dict(one.partition("=")[::2] for one in setting or ()), work),
        )
    show.answer("审核", result, as_json=json)
