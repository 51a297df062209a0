"""Commands that try a rule before anybody is accused by it: what-if."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fundguard.cli import show
from fundguard.cli.claims import Json, Store


def backtest(
    store: Store,
    out: Annotated[Path, typer.Option(help="两次核查和比较结果写入的文件夹。")],
    rule: Annotated[list[str], typer.Option(help="试算的规则，可重复。")],
    set_: Annotated[list[str] | None, typer.Option("--set", help="改变的参数，如 days=30 或 N49.days=30。")] = None,
    version: Annotated[Path | None, typer.Option(help="规则的另一版本（YAML 文件），替换同一编码的规则。")] = None,
    knowledge: Annotated[Path | None, typer.Option(help="知识库的另一版本（文件夹），加在现行知识库之上。")] = None,
    judged: Annotated[
        Path | None, typer.Option(help="以往认定结果：CSV 或 Parquet，含 finding_key、upheld（1 成立，0 不成立）。")
    ] = None,
    region: Annotated[list[str] | None, typer.Option(help="只试算这个统筹区的机构，可重复。")] = None,
    threads: Annotated[int, typer.Option(min=1, help="线程数。")] = 2,
    memory: Annotated[str, typer.Option(help="内存上限。")] = "1GB",
    json: Json = False,
) -> None:
    """试算：按现行规则和改变后的规则各核查一遍全部历史数据，比较结果。不改变任何已发布的疑点。"""
    from fundguard.audit.backtest import backtest as run_backtest
    from fundguard.audit.plans import chosen
    from fundguard.audit.settings import read_settings
    from fundguard.audit.versions import of_rules
    from fundguard.claims.store import Store as ClaimsStore

    rules = chosen(rule)
    settings = read_settings(set_ or (), rules)
    as_is, changed = of_rules(rules, settings, version, knowledge)
    with show.progress("试算") as report:
        result = run_backtest(
            ClaimsStore.open(store),
            out,
            as_is,
            changed,
            settings=settings,
            regions=set(region) if region else None,
            judged=judged,
            progress=report,
            threads=threads,
            memory=memory,
        )
    show.answer("试算", result if json else shown(result.rules), as_json=json)


def shown(rules: Mapping[str, Mapping[str, Any]]) -> list[dict[str, object]]:
    """One line a rule for people."""
    lines: list[dict[str, object]] = []
    for code, told in rules.items():
        line = {"code": code, "name": told["name"], "as_is": told["as_is"]["findings"]}
        line |= {"changed_to": told["changed"]["findings"], "counted_fen": told["changed"]["counted_fen"]}
        line |= {"newly_hit": told["moved"]["新增"]["findings"], "let_off": told["moved"]["不再命中"]["findings"]}
        lines.append(line)
    return lines
