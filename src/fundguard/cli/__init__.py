"""The command line. Exit code 0: done; 1: nothing was changed because the input is unusable; 2: wrong use.

Violations that are found never change the exit code. What a command does stands in the layers below; here are only
its words, its options and how its answer is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer._click.exceptions import UsageError  # the version is pinned; Typer has no public name for it

from fundguard.cli import accounts, claims, reading, rules, safety, site, trying, words
from fundguard.errors import Refusal

INTERRUPTED = 130

app = typer.Typer(
    name="fundguard",
    cls=words.Group,
    help="医保基金监管平台：从结算数据到疑点、依据和金额。",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they would print source around a fault
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
)
for command in (
    site.demo,
    claims.synth,
    claims.import_,
    claims.audit,
    trying.backtest,
    reading.law,
    site.serve,
    site.worker,
    safety.backup,
    safety.restore,
    safety.upgrade,
    safety.verify,
):
    app.command(name=command.__name__.rstrip("_"), cls=words.Command)(command)
app.add_typer(rules.app)
app.add_typer(accounts.app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a refusal is printed to standard error in its four parts."""
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        return int(app(given, prog_name="fundguard", standalone_mode=False) or 0)
    except Refusal as error:
        return _refuse(error)
    except UsageError as error:
        return _refuse(words.wrong_use(error, given))
    except (typer.Abort, KeyboardInterrupt):
        print("已中断。", file=sys.stderr)
        return INTERRUPTED


def _refuse(refusal: Refusal) -> int:
    print(refusal, file=sys.stderr)
    return refusal.exit_code
