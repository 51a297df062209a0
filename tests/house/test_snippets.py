"""What the documents tell a reader to write is accepted: the rule of the how-to page runs, the mapping loads."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fundguard import law
from fundguard.claims.intake.functions import FUNCTIONS
from fundguard.claims.intake.mapping import load_mapping
from fundguard.cli import main
from fundguard.rules import catalogue, examples
from fundguard.rules.answers import failures

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-rule.md"
MAPPING = ROOT / "docs" / "how-to" / "write-a-mapping.md"
sys.path.insert(0, str(ROOT / "tests" / "rules"))
import rule_runs  # noqa: E402 (stands beside the rules' own tests)


def snippets(page: Path) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The rule and the examples of the page, in a folder beside the shipped ones."""
    rule, stories = snippets(GUIDE)
    (tmp_path / "L006.yaml").write_text(rule, "utf-8")
    (tmp_path / "L006.examples.yaml").write_text(stories, "utf-8")
    shipped = catalogue._files
    monkeypatch.setattr(catalogue, "_files", lambda suffix: [*shipped(suffix), *tmp_path.glob(f"*{suffix}")])
    for cached in (catalogue.load, catalogue.examples_text):
        cached.cache_clear()
    yield "L006"
    for cached in (catalogue.load, catalogue.examples_text):
        cached.cache_clear()


def test_the_rule_of_the_guide_gives_the_answers_it_promises(added: str) -> None:
    rule = catalogue.load()[added]
    assert law.article(rule.article)
    assert f"catalogue/local/{added}.yaml" in GUIDE.read_text("utf-8")
    stories = examples.examples(added)
    plan = rule_runs.plan_of([added])
    connection = rule_runs.loaded(plan, stories)
    rule_runs.run(connection, (*plan.staging, *plan.shapes, *plan.closing))
    assert failures(stories, rule_runs.answers_of(connection)) == []
    assert {answer for story in stories for answer in story.expected.values()} == {"不涉及", "可疑"}


def test_the_added_rule_is_listed(added: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", added]) == 0
    assert "频繁购药" in capsys.readouterr().out


def test_the_mapping_of_the_guide_is_accepted(tmp_path: Path) -> None:
    [text] = snippets(MAPPING)
    path = tmp_path / "demo.yaml"
    path.write_text(text, "utf-8")
    assert [target.table for target in load_mapping(path).targets("persons")] == ["setl_diag_list_d"]


def test_the_guide_names_every_function() -> None:
    named = re.findall(r"^\| `(\w+)` \|", MAPPING.read_text("utf-8"), re.MULTILINE)
    assert named == list(FUNCTIONS)
