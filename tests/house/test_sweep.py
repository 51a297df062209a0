"""Nothing in the repository names a machine, a registry's host, or is left half done."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDORED = "static/vendor/"
HOSTS = ("files.python" + "hosted", "py" + "pi.org", "registry.npm" + "js", "npm" + "mirror.com")
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X:", "raise NotImplemented" + "Error")


@cache
def texts() -> dict[str, str]:
    """Every committed or new text file but the vendored ones, by its path."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    found = {}
    for name in listed:
        path = ROOT / name
        if not name or VENDORED in name or not path.is_file() or b"\0" in path.read_bytes()[:4096]:
            continue
        found[name] = path.read_text("utf-8")
    return found


def matching(pattern: str, among: str = "") -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts().items()
        if name.startswith(among)
        for number, line in enumerate(text.splitlines(), 1)
        if wanted.search(line)
    ]


def test_no_path_of_a_machine() -> None:
    assert not matching(r"(^|[^\w./-])/(work|farm|home|root|Users)/")


@pytest.mark.parametrize("host", HOSTS)
def test_no_registry_host(host: str) -> None:
    assert not matching(re.escape(host))


@pytest.mark.parametrize("among", ["requirements/", "pyproject.toml"])
def test_no_download_address(among: str) -> None:
    assert not matching(r"https?://|--(extra-)?index-url|--find-links", among)


@pytest.mark.parametrize("word", UNFINISHED)
def test_nothing_is_left_unfinished(word: str) -> None:
    assert not matching(re.escape(word), "src/")


def test_only_tests_read_what_stands_beside_the_checkout() -> None:
    named = {hit.split(":")[0] for hit in matching(r"\.\./shared")}
    assert not {name for name in named if not name.startswith(("tests/", "docs/", "pyproject.toml", "scripts/"))}
