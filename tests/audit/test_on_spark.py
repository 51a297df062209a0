"""A run on Spark publishes the bytes of a run on DuckDB: corrections, void rows, a place of its own rules."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from fundguard.audit.batch import audit
from fundguard.audit.engines import Chosen
from fundguard.claims.store import Store
from fundguard.engines.spark import SMALL
from fundguard.errors import Refusal
from tests.audit.conftest import WHEN, bring, visit

RULES = ("N67", "N36", "N12", "N31", "L001")
SAME = ("findings.parquet", "evidence.parquet", "not_evaluated.parquet")


@pytest.mark.spark
@pytest.mark.skipif(not find_spec("pyspark"), reason="未安装 Spark 组件：运行 make spark")
@pytest.mark.skipif(not shutil.which("java"), reason="没有 Java，Spark 不能启动")
def test_the_bytes_are_those_of_duckdb(store: Store, tmp_path: Path) -> None:
    second = visit("second")
    bring(store, WHEN.replace(day=11), **second)
    bring(store, WHEN.replace(day=12), fee_list_d=[{**row, "vali_flag": "0"} for row in second["fee_list_d"]])
    bring(store, WHEN.replace(day=13), fee_list_d=[{**row, "cnt": 20000} for row in visit("man")["fee_list_d"]])
    embedded = audit(store, tmp_path / "duckdb", rules=RULES)
    spread = audit(store, tmp_path / "spark", rules=RULES, engine=Chosen("spark", settings=SMALL))
    assert embedded.findings == 1
    assert embedded.run_id == spread.run_id
    for name in SAME:
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes()
    told = json.loads((tmp_path / "spark" / "run.json").read_text("utf-8"))
    assert set(told["inputs"]["engine"]) == {"duckdb", "spark"}


@pytest.mark.skipif(bool(find_spec("pyspark")), reason="Spark 组件已安装")
def test_without_the_extra_the_run_is_refused_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="未安装 Spark"):
        audit(store, tmp_path / "spark", rules=RULES, engine=Chosen("spark"))
    assert not (tmp_path / "spark").exists()
