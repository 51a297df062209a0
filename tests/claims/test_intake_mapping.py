"""Mapping files: what they can say, what they cannot, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from fundguard.claims.intake.functions import FUNCTIONS
from fundguard.claims.intake.mapping import load_mapping, shipped
from fundguard.errors import Refusal


@pytest.mark.parametrize(
    ("name", "columns", "argument", "expected"),
    [
        ("date", [["03/02/2026", "2026-02-03", None]], "%d/%m/%Y", ["2026-02-03 00:00:00", "2026-02-03", None]),
        ("shift_days", [["2008-01-01", "20081231", "soon", None]], 7, ["2008-01-08", "2009-01-07", "soon", None]),
        ("concat", [["a", "b", None], ["1", None, None]], "-", ["a-1", "b", ""]),
        ("first_non_empty", [[None, "b"], ["1", "2"]], True, ["1", "b"]),
        ("sum", [["1.10", None, None, "x"], ["2.2", "3", None, "1"]], True, ["3.300000", "3.000000", None, "x"]),
        ("prefix", [["4019", None]], "ICD9CM:", ["ICD9CM:4019", None]),
        ("codes", [["1", "7", None]], {"1": "男", "*": "0"}, ["男", "0", None]),
        ("codes", [["1", "7", None]], {"1": "2"}, ["2", "7", None]),
    ],
)
def test_functions(name: str, columns: list[list[str | None]], argument: object, expected: list[str | None]) -> None:
    arrays = [pa.array(c, pa.string()) for c in columns]
    assert FUNCTIONS[name].run(arrays, argument).to_pylist() == expected


GOOD = """
mapping: sample
constants: {shift: 7}
sources:
  stays: {files: "stay*.csv"}
tables:
  - table: setl_diag_list_d
    source: stays
    fields:
      diag_info_id: {from: [ID, N], do: [{concat: "-"}]}
      mdtrt_id: ID
      diag_code: {from: DX, do: [{prefix: "X:"}]}
      diag_time: {from: DAY, do: [{shift_days: $shift}]}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "m.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("mapping: sample", "name: sample", "mapping"),
        ("constants: {shift: 7}", "constants: [7]", "constants"),
        ("table: setl_diag_list_d", "table: diagnoses", "tables[1].table"),
        ("source: stays", "source: other", "tables[1].source"),
        ("      mdtrt_id: ID\n", "", "tables[1].fields"),
        ("mdtrt_id: ID", "mdtrt: ID", "tables[1].fields"),
        ("mdtrt_id: ID", "mdtrt_id: [ID]", "tables[1].fields.mdtrt_id"),
        ('{concat: "-"}', '{eval: "1+1"}', "tables[1].fields.diag_info_id.do[1]"),
        ('{concat: "-"}', '{prefix: "-"}', "tables[1].fields.diag_info_id.do[1]"),
        (', do: [{concat: "-"}]', "", "tables[1].fields.diag_info_id.from"),
        ("$shift", "$days", "tables[1].fields.diag_time.do[1]"),
        ("$shift", "seven", "tables[1].fields.diag_time.do[1]"),
        ('files: "stay*.csv"', 'files: "stay*.csv", run: x', "sources.stays.run"),
        ("tables:", "tables: {", ""),
        ("mapping: sample", "mapping: !!python/object/apply:os.getcwd []", ""),
    ],
)
def test_a_wrong_mapping_names_the_key(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_mapping(written(tmp_path, (old, new)))
    assert place in refused.value.where
    assert refused.value.remedy
    assert refused.value.exit_code == 2


def test_a_good_mapping_and_the_shipped_ones_load(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path))
    assert mapping.sources["stays"].takes("2026/stay_1.csv")
    assert mapping.tables[0].fields["diag_time"].steps == (("shift_days", 7),)
    assert [load_mapping(name).name for name in shipped()] == shipped()


def test_an_unknown_mapping_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        load_mapping(tmp_path / "none.yaml")
    assert "desynpuf" in refused.value.remedy
