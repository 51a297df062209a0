"""`make` does what the documents say, and dependencies are pinned once."""

import ast
import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
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


@pytest.mark.parametrize("name", ["build", "base", "dev", "spark"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    blocks = [block for block in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9]", block)]
    assert blocks
    assert not [block.splitlines()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block]


def test_the_same_versions_are_tested_and_deployed() -> None:
    assert pins("base").items() <= pins("dev").items()


def used(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_an_installation_has_what_the_code_uses_and_nothing_else() -> None:
    """A package that is named in settings or addresses only (a hasher, a driver) is used too."""
    listed = (ROOT / "requirements" / "base.in").read_text("utf-8").splitlines()
    direct = {re.split(r"[=<>\[]", line)[0].lower() for line in listed}
    owners = {module: {name.lower() for name in names} for module, names in packages_distributions().items()}
    sources = list((ROOT / "src").rglob("*.py"))
    imported = {module for path in sources for module in used(path)} - sys.stdlib_module_names - {"fundguard"}
    imported -= set(pins("spark"))  # an extra: the code says so where it is missing
    assert not [module for module in imported if not direct & owners[module]]
    text = "".join(path.read_text("utf-8") for path in [*sources, *(ROOT / "scripts").glob("*.py")]).lower()
    modules = {name: {module for module in owners if name in owners[module]} for name in direct}
    assert not [name for name in direct if not any(module.lower() in text for module in modules[name])]
