"""The command line: Chinese words, four-part refusals, exit codes, one JSON object for machines."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fundguard.cli import app, main
from fundguard.errors import Refusal
from fundguard.rules.catalogue import load
from fundguard.rules.shape import shapes

COMMANDS = [command.name for command in app.registered_commands]


@dataclass
class Counts:
    read: int = 12000
    quarantined: int = 3
    amount_fen: int = -120345
    tables: dict[str, dict[str, int]] = field(default_factory=lambda: {"fee_list_d": {"read": 12000, "new": 11997}})
    reasons: dict[str, int] = field(default_factory=lambda: {"缺少键": 3})
    unrecognised: list[str] = field(default_factory=list)
    inner: str = "只供程序"


class Called(list[tuple[tuple[Any, ...], dict[str, Any]]]):
    """Stands in for the work below the command line: remembers its arguments, answers `Counts` or refuses."""

    refusal: Refusal | None = None

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[str] = []

    def __call__(self, *given: Any, **options: Any) -> Counts:
        self.append((given, options))
        if self.refusal:
            raise self.refusal
        options["progress"](5, 10, 7)
        return Counts()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Called]:
    called = Called()
    for module, names in {
        "fundguard.claims.intake": {"import_path": called, "import_database": called},
        "fundguard.claims.city": {"build_city": called},
        "fundguard.claims.store": {"Store": SimpleNamespace(open=lambda root: f"opened {root}")},
        "fundguard.audit.batch": {"audit": called},
        "fundguard.audit.kept": {"prepare": lambda store, report: called.prepared.append(store)},
        "fundguard.web.serve": {"serve": lambda **options: called.append(((), options)) or 3},
    }.items():
        stand_in = ModuleType(module)
        stand_in.__dict__.update(names)
        monkeypatch.setitem(sys.modules, module, stand_in)
    return called


def test_the_commands() -> None:
    assert COMMANDS == [
        "demo",
        "synth",
        "import",
        "audit",
        "backtest",
        "law",
        "serve",
        "worker",
        "backup",
        "restore",
        "upgrade",
        "verify",
    ]


@pytest.mark.parametrize("arguments", [[], ["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_is_chinese(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "用法: fundguard" in shown
    assert not {"Usage", "Options", "Arguments", "Commands", "Show this", "required", "default:"} & set(shown.split())


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["improt"], "没有这个命令，或参数多余"),
        (["rules", "N01", "N02"], "没有这个命令，或参数多余"),
        (["import", "--store", "s"], "缺少 PATH"),
        (["audit", "--out", "o"], "缺少 --store"),
        (["import", "x", "--store", "s", "--max-bad", "3"], "--max-bad 的值不对"),
        (["rules", "--jason"], "没有选项 --jason"),
        (["rules", "N99"], "没有规则 N99"),
    ],
)
def test_wrong_use_is_2_and_says_what(arguments: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"问题：{fault}" in shown.err
    assert "处理：" in shown.err
    assert "Traceback" not in shown.err


def test_a_refusal_is_printed_in_its_parts(work: Called, capsys: pytest.CaptureFixture[str]) -> None:
    work.refusal = Refusal("缺少列", where="a.csv", seen="2 列", remedy="补上 setl_id")
    assert main(["import", "a.csv", "--store", "s"]) == 1
    assert capsys.readouterr().err == "问题：缺少列\n位置：a.csv\n实际：2 列\n处理：补上 setl_id\n"


@pytest.mark.parametrize(
    ("arguments", "given", "options"),
    [
        (["synth", "--out", "o", "--lines", "20000"], (20000, 1, Path("o")), {"form": "parquet"}),
        (
            ["import", "a", "--store", "s", "--mapping", "m", "--as-of", "2026-01-02"],
            (Path("a"), Path("s")),
            {"mapping": "m", "max_bad": 0.5, "encoding": None},
        ),
        (["import", "postgresql://h/d", "--store", "s"], ("postgresql://h/d", Path("s")), {"mapping": None}),
        (
            ["audit", "--store", "s", "--out", "o", "--region", "990101", "--rule", "N01", "--rule", "N27"],
            ("opened s", Path("o")),
            {"rules": ["N01", "N27"], "regions": {"990101"}, "known_on": None},
        ),
    ],
)
def test_options_reach_the_work(
    work: Called, arguments: list[str], given: tuple[Any, ...], options: dict[str, Any]
) -> None:
    assert main(arguments) == 0
    assert work[0][0] == given
    assert options.items() <= work[0][1].items()


@pytest.mark.parametrize(("option", "prepared"), [([], ["opened s"]), (["--no-derive"], [])])
def test_what_the_first_run_needs_is_made_after_the_import(
    work: Called, option: list[str], prepared: list[str]
) -> None:
    assert main(["import", "a", "--store", "s", *option]) == 0
    assert work.prepared == prepared


def test_machines_get_one_json_object_with_everything(work: Called, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "a", "--store", "s", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == vars(Counts())
    assert shown.err == ""


def test_people_get_tables_with_chinese_labels_and_yuan(work: Called, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "a", "--store", "s"]) == 0
    shown = capsys.readouterr().out
    for part in ("读入", "12,000", "-1,203.45", "各表", "fee_list_d", "11,997", "隔离的原因", "缺少键"):
        assert part in shown
    assert "只供程序" not in shown
    assert "未识别" not in shown


def test_the_table_of_rules_fits_a_terminal(
    work: Called, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code stands first, no cell is broken, and the machine's fields stay with the machine."""
    told = {"name": "医疗服务项目区分性别使用", "version": 1, "hash": "ab" * 16, "errors": [], "findings": 12345}
    told |= {"amount_fen": 123456789, "counted_fen": 123456789, "not_evaluated": 1234}
    monkeypatch.setattr(Called, "__call__", lambda *_, **__: {"rules": {"N81": told}, "seconds": 2.345})
    assert main(["audit", "--store", "s", "--out", "o"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [row] = [line for line in lines if "N81" in line]
    cells = ["N81", "医疗服务项目区分性别使用", "12,345", "1,234,567.89", "1,234"]
    assert [cell.strip() for cell in row.strip("│").split("│")] == cells
    assert any("2.3 " in line for line in lines)
    assert "运行出错" not in "".join(lines)


def test_a_rule_that_failed_is_told(
    work: Called, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"name": "甲", "errors": [{"step": "cycle", "what": "内存不足"}]}
    monkeypatch.setattr(Called, "__call__", lambda *_, **__: {"rules": {"N31": told}})
    assert main(["audit", "--store", "s", "--out", "o"]) == 0
    shown = capsys.readouterr().out
    assert "运行出错" in shown
    assert "内存不足" in shown


def test_an_interrupted_command_says_so(work: Called, capsys: pytest.CaptureFixture[str]) -> None:
    work.refusal = KeyboardInterrupt()  # type: ignore[assignment]
    assert main(["synth", "--out", "o"]) == 130


@pytest.mark.parametrize(
    ("done", "steps"),
    [
        ([], 4),
        (["city/city.json"], 3),
        (["city/city.json", "store/arrivals/1.json"], 2),
        (["city/city.json", "store/arrivals/1.json", "runs/demo/run.json"], 1),
    ],
)
def test_the_demonstration_goes_on_where_it_was_interrupted(
    work: Called, tmp_path: Path, done: list[str], steps: int
) -> None:
    for name in done:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert main(["demo", "--data", str(tmp_path)]) == 3, "the exit code of the server"
    assert len(work) == steps
    assert work[-1][1] == {"data": tmp_path, "host": "127.0.0.1", "port": 8000, "demo": True}


def test_rules_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json"]) == 0
    assert "N27" in {rule["code"] for rule in json.loads(capsys.readouterr().out)}
    assert main(["rules", "N27"]) == 0
    assert "条例:38(3)" in capsys.readouterr().out


def test_the_list_of_rules_tells_their_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list", "--json"]) == 0
    rules = {rule["code"]: rule for rule in json.loads(capsys.readouterr().out)}
    assert set(rules) == set(load())
    for code, rule in load().items():
        told = rules[code]
        assert (told["verdict_limit"], told["state"], told["shape"]) == (rule.verdict_limit, rule.state, rule.shape)
        assert told["scope"] == shapes()[rule.shape].scope
        assert tuple(told["stages"]) == rule.stages


def test_the_examples_of_a_rule_run_on_the_engines(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["rules", "test", "N67", "L004", "--engine", "duckdb", "--engine", "sqlite"]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["failures"] == []
    rows = {row["code"]: row for row in told["rules_tested"]}
    assert (rows["N67"]["duckdb"], rows["N67"]["sqlite"]) == ("通过", "通过")
    assert (rows["L004"]["duckdb"], rows["L004"]["sqlite"]) == ("通过", "不适用")
    assert main(arguments) == 0
    assert "各规则的示例" in capsys.readouterr().out


def test_an_example_that_fails_is_told_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "- {名称: 甲, 就诊: [{编号: 一次, 预期: 可疑}]}"
    monkeypatch.setattr("fundguard.rules.examples.examples_text", lambda code: text)
    assert main(["rules", "test", "N67", "--engine", "duckdb", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["rules_tested"][0]["duckdb"] == "不通过"
    [failure] = told["failures"]
    assert (failure["row"], failure["expected"], failure["given"]) == ("N67-1-一次", "可疑", "不涉及")
