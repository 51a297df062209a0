"""`fundguard verify`: tables for people, JSON for machines; ends with 1 where anything is not what it was."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from fundguard.errors import Refusal
from fundguard.web.core.management.commands.prepare_database import refuse_other_version
from fundguard.web.ledger.verifying import FAULTS, Report, verify


class Command(BaseCommand):
    help = "核对台账"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--heads", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        from fundguard.web import wiring

        try:
            refuse_other_version(upgrade=False)
        except Refusal as refusal:
            self.stderr.write(str(refusal))
            sys.exit(refusal.exit_code)
        report = verify(options["heads"])
        others = {name: check() for name, check in wiring.VERIFY.items()}
        self.stdout.write(_as_json(report, others) if options["json"] else _in_words(report, others))
        if not report.intact or any(one.faults for one in others.values()):
            sys.exit(1)


def _as_json(report: Report, others: dict[str, Any]) -> str:
    told = {
        "intact": report.intact,
        "sealed": report.sealed,
        "seals": report.seals,
        "heads": report.heads,
        "unsealed": report.unsealed,
        "unsealed_since": report.unsealed_since.isoformat() if report.unsealed_since else None,
        "faults": [{"kind": f.kind, "place": f.place, "meaning": FAULTS[f.kind]} for f in report.faults],
        "others": {name: {"count": one.count, "faults": one.faults} for name, one in others.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _in_words(report: Report, others: dict[str, Any]) -> str:
    lines = [
        f"已存证：{report.sealed} 行，{report.seals} 次存证",
        f"每日链头：核对 {report.heads} 份" + ("" if report.heads else "（没有链头，无法发现整条链被重做）"),
        f"未存证：{report.unsealed} 行" + (f"，最早 {_local(report)}" if report.unsealed_since else ""),
        *(str(fault) for fault in report.faults),
        "结果：台账完好" if report.intact else f"结果：发现 {len(report.faults)} 处异常",
        *(
            line
            for name, one in others.items()
            for line in (
                *(f"{name} {number}：{wrong}" for number, wrong in one.faults),
                f"{name}：核对 {one.count} 个，" + (f"{len(one.faults)} 处异常" if one.faults else "完好"),
            )
        ),
    ]
    return "\n".join(lines)


def _local(report: Report) -> str:
    return f"{timezone.localtime(report.unsealed_since):%Y-%m-%d %H:%M:%S}"
