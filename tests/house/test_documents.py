"""Documents hold: their links lead somewhere, and the commands marked `console run` run in the order of the page."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RUN = re.compile(r"^```console run\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(document: Path) -> list[str]:
    lines = "".join(RUN.findall(document.read_text("utf-8"))).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = [link for link in LINK.findall(document.read_text("utf-8")) if not (document.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if commands(path)], ids=lambda path: path.name)
def test_commands_run(document: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    for command in commands(document):
        program, *arguments = shlex.split(command)
        assert program == "fundguard"
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_every_page_is_reached_from_the_index() -> None:
    docs = ROOT / "docs"
    named = {(docs / link).resolve() for link in LINK.findall((docs / "index.md").read_text("utf-8"))}
    decisions = {
        (docs / "decisions" / link).resolve()
        for link in LINK.findall((docs / "decisions" / "index.md").read_text("utf-8"))
    }
    pages = {path.resolve() for path in docs.rglob("*.md")} - {(docs / "index.md").resolve()}
    assert not pages - named - decisions
