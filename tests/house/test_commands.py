"""`make` does what the documents say, and dependencies are pinned once."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z0-9]+):", MAKEFILE, re.MULTILINE))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("target", ["install", "run", "test", "check", "bench", "e2e", "docs"])
def test_target(target: str) -> None:
    assert target in TARGETS
    assert re.search(rf"^{target}:.*## ", MAKEFILE, re.MULTILINE), "make help does not list it"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_targets_that_exist(document: Path) -> None:
    commands = re.findall(r"^\s*\$? ?make ([a-z0-9]+)|`make ([a-z0-9]+)", document.read_text("utf-8"), re.MULTILINE)
    assert {one or other for one, other in commands} <= TARGETS


@pytest.mark.parametrize("script", [".ci/run", "scripts/browser"])
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[.*?\])?==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["build", "base", "production", "dev"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    blocks = [block for block in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", block)]
    assert blocks
    assert not [block.splitlines()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block]


@pytest.mark.parametrize(("smaller", "larger"), [("base", "production"), ("production", "dev")])
def test_the_same_versions_are_tested_and_deployed(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()
