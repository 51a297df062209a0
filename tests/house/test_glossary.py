"""One word, one meaning: the glossary and the names in the code agree."""

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "fundguard"
with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as file:
    TERMS = list(csv.DictReader(file))
#: In `where`: the word is settled, the code that will use it is not written yet. Otherwise `where` names a layer.
PLANNED = "planned"
# fmt: off
PINYIN = (
    "yibao", "jijin", "guize", "yaopin", "haocai", "xiangmu", "zhenduan", "jiesuan", "feiyong", "mingxi",
    "yiyuan", "yaodian", "yisheng", "bingren", "huanzhe", "canbao", "shenhe", "chushen", "fuhe", "shensu",
    "weigui", "yidian", "xiansuo", "chufang", "jine", "shuliang", "danjia", "riqi", "jigou", "xingming",
    "xingbie", "nianling", "anjian", "jubao", "xinyong", "zidian", "mulu", "dingdian", "chayan", "zhuyuan",
    "menzhen",
)
# fmt: on


@cache
def names() -> frozenset[str]:
    """Every name that the code gives to something of its own, in snake case. Migrations repeat the models' names."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        found.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found |= given(node)
    return frozenset(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in found)


def given(node: ast.AST) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return {node.name}
    if isinstance(node, ast.arg):
        return {node.arg}
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id}
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return {node.attr}
    return set()


def using(word: str) -> list[str]:
    return sorted(name for name in names() if f"_{word}_" in f"_{name}_")


def test_a_term_stands_once() -> None:
    for column in ("chinese", "english"):
        values = [term[column] for term in TERMS]
        assert sorted(set(values)) == sorted(values)
    assert all(term["meaning"] and term["where"] for term in TERMS)


@pytest.mark.parametrize("term", [t for t in TERMS if t["where"] != PLANNED], ids=lambda term: term["english"])
def test_a_term_stands_in_the_layer_that_owns_it(term: dict[str, str]) -> None:
    text = re.compile(rf"\b{re.escape(term['identifier'])}\b")
    layer = SOURCE / term["where"]
    files = [layer.with_suffix(".py")] if not layer.is_dir() else layer.rglob("*.*")
    written = (path.read_text("utf-8") for path in files if path.suffix in {".py", ".csv", ".yaml", ".sql"})
    assert any(text.search(content) for content in written)


@pytest.mark.parametrize("term", [t for t in TERMS if t["avoid"]], ids=lambda term: term["english"])
def test_no_other_word_is_used_for_a_term(term: dict[str, str]) -> None:
    found = {word: using(word) for word in term["avoid"].split("|") if using(word)}
    assert not found, f"say {term['english']} ({term['chinese']})"


def test_no_word_to_avoid_is_itself_a_term() -> None:
    avoided = {word for term in TERMS for word in term["avoid"].split("|") if word}
    assert not avoided & {term["identifier"] for term in TERMS}


def test_names_are_plain_english() -> None:
    assert not {word: using(word) for word in PINYIN if using(word)}
