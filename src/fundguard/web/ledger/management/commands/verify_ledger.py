"""`fundguard verify`: tables for people, JSON for machines; ends with 1 where the ledger is not what it was or the book
does not balance."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from fundguard.web.ledger.verifying import FAULTS, Report, verify


class Command(BaseCommand):
    help = "核对台账和追回账目"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--heads", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        from fundguard.web import wiring  # brings in every application

        report = verify(options["heads"])
        report.faults += [fault for check in wiring.CHECKS for fault in check()]
        self.stdout.write(_as_json(report) if options["json"] else _in_words(report))
        if not report.intact:
            sys.exit(1)


def _as_json(report: Report) -> str:
    told = {
        "intact": report.intact,
        "sealed": report.sealed,
        "seals": report.seals,
        "heads": report.heads,
        "unsealed": report.unsealed,
        "unsealed_since": report.unsealed_since.isoformat() if report.unsealed_since else None,
        "faults": [{"kind": f.kind, "place": f.place, "meaning": FAULTS[f.kind]} for f in report.faults],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _in_words(report: Report) -> str:
    lines = [
        f"已存证：{report.sealed} 行，{report.seals} 次存证",
        f"每日链头：核对 {report.heads} 份" + ("" if report.heads else "（没有链头，无法发现整条链被重做）"),
        f"未存证：{report.unsealed} 行" + (f"，最早 {_local(report)}" if report.unsealed_since else ""),
        *(str(fault) for fault in report.faults),
        "结果：台账完好，追回账目平衡" if report.intact else f"结果：发现 {len(report.faults)} 处异常",
    ]
    return "\n".join(lines)


def _local(report: Report) -> str:
    return f"{timezone.localtime(report.unsealed_since):%Y-%m-%d %H:%M:%S}"
