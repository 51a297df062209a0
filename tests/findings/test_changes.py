"""What a new run does to each finding of a former one."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from fundguard.errors import Refusal
from fundguard.findings.changes import changes

RULES = {code: {"hash": f"h-{code}", "regions": ["990101", "990102"]} for code in ("R1", "R2")}


def run(folder: Path, findings: list[tuple[str, str, str]], **told: object) -> Path:
    """A run with findings (key, id, region) of rule R1 and what `run.json` tells."""
    folder.mkdir()
    inputs = {"arrivals": [{"arrival": 1}], "knowledge": "k1"} | told.pop("inputs", {})
    (folder / "run.json").write_text(json.dumps({"inputs": inputs, "rules": RULES} | told), "utf-8")
    rows = ", ".join(str((key, found, "R1", region)) for key, found, region in findings) or "('', '', '', '')"
    duckdb.sql(
        f"COPY (SELECT * FROM (VALUES {rows}) AS f(finding_key, finding_id, rule_code, region) "
        f"WHERE finding_key <> '') TO '{folder / 'findings.parquet'}'"
    )
    return folder


@pytest.mark.parametrize(
    ("former", "new", "change", "reason"),
    [
        ("i1", "i1", "未变", None),
        ("i1", "i2", "证据更新", "数据已更正"),
        ("i1", None, "撤回", "数据已更正"),
        (None, "i1", "新增", None),
    ],
)
def test_each_key_has_one_change(
    tmp_path: Path, *, former: str | None, new: str | None, change: str, reason: str | None
) -> None:
    runs = [
        run(tmp_path / name, [("K", found, "990101")] if found else [])
        for name, found in (("former", former), ("new", new))
    ]
    (row,) = changes(*runs).to_pylist()
    assert row == {
        "finding_key": "K",
        "rule_code": "R1",
        "former_id": former,
        "new_id": new,
        "change": change,
        "reason": reason,
    }


@pytest.mark.parametrize(
    ("told", "change", "reason"),
    [
        ({"rules": {"R2": RULES["R2"]}}, "未重新核查", None),  # the rule did not run
        ({"rules": RULES | {"R1": {"hash": "h-R1", "regions": []}}}, "未重新核查", None),  # it failed everywhere
        ({"rules": RULES | {"R1": {"hash": "h-R1", "regions": ["990102"]}}}, "未重新核查", None),  # elsewhere
        ({"rules": RULES | {"R1": {"hash": "h-R1", "regions": ["990101"]}}}, "撤回", "数据已更正"),
        ({"rules": RULES | {"R1": {"hash": "other", "regions": ["990101"]}}}, "撤回", "规则已修改"),
        ({"inputs": {"knowledge": "k2"}}, "撤回", "知识已更新"),
    ],
)
def test_only_what_was_looked_at_again_is_withdrawn_and_for_its_true_reason(
    tmp_path: Path, told: dict[str, object], change: str, reason: str | None
) -> None:
    former = run(tmp_path / "former", [("K", "i1", "990101")])
    (row,) = changes(former, run(tmp_path / "new", [], **told)).to_pylist()
    assert (row["change"], row["reason"]) == (change, reason if change == "撤回" else None)


def test_a_run_that_knows_less_changes_nothing(tmp_path: Path) -> None:
    former = run(tmp_path / "former", [], inputs={"arrivals": [{"arrival": 1}, {"arrival": 2}]})
    with pytest.raises(Refusal, match="没有包含上一次"):
        changes(former, run(tmp_path / "new", []))
    with pytest.raises(Refusal, match="不是一次完整"):
        changes(former, tmp_path)
