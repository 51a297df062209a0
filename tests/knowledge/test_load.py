"""Overlays of a region, faults in files, and the content version."""

import shutil

import pytest

from fundguard import knowledge
from fundguard.errors import Refusal
from fundguard.knowledge import base

POINT = "point_id,rule_code,name,batch,valid_from,valid_to,status,derived_by,signed_1,signed_2,initials"
CODE = "point_id,med_list_codg"
LIMIT = ",".join(["point_id", *knowledge.LIMIT_TABLES["limit"]])
PAIR = "point_id,code_a,code_b,window,keep,unless"
GOOD = {
    "point": [POINT, "D-067-9001,N67,甲药,L-1,2026-01-01,,usable,prose,甲,乙,jy"],
    "point_code": [CODE, "D-067-9001,XA00000000001|XA00000000002"],
    "limit": [LIMIT, "D-067-9001,2,,,,,,,,,"],
}


def folder(path, **changes):
    for name, lines in (GOOD | changes).items():
        (path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_an_overlay_adds_points_with_all_their_codes(tmp_path):
    known = knowledge.load(folder(tmp_path))
    rows = [r for r in known.tables["limit"].to_pylist() if r["point_id"] == "D-067-9001"]
    assert [(r["med_list_codg"], r["sex"], r["firm"]) for r in rows] == [
        ("XA00000000001", "2", 1),
        ("XA00000000002", "2", 1),
    ]


def test_an_overlay_replaces_a_point_whole(tmp_path):
    renewed = {
        "point": [POINT, "S-027-0001,N27,门急诊留观诊查费,L-2,2026-01-06,2026-07-01,text_only,,,,mjzlgzcf"],
        "point_code": [CODE, "S-027-0001,001102000040000"],
        "limit": [LIMIT],
    }
    known = knowledge.load(folder(tmp_path, **renewed))
    assert known.points["S-027-0001"].status == "text_only"
    assert "S-027-0001" not in known.tables["quantity"]["point_id"].to_pylist()
    assert knowledge.load().points["S-027-0001"].status == "usable"


def test_the_later_overlay_wins(tmp_path):
    for name, sex in (("province", "2"), ("city", "1")):
        (tmp_path / name).mkdir()
        folder(tmp_path / name, limit=[LIMIT, f"D-067-9001,{sex},,,,,,,,,"])
    known = knowledge.load(tmp_path / "province", tmp_path / "city")
    assert {r["sex"] for r in known.tables["limit"].to_pylist() if r["point_id"] == "D-067-9001"} == {"1"}


BAD_POINTS = [
    ("D-067-9001,N89,甲药,L,2026-01-01,,usable,prose,,,jy", "规则编码不存在"),
    ("D-081-9001,N67,甲药,L,2026-01-01,,usable,prose,,,jy", "编号不合规范"),
    ("D-067-9001,N67,甲药,L,2026-01-01,2026-01-01,usable,prose,,,jy", "有效期不成立"),
    ("D-067-9001,N67,甲药,L,,,usable,prose,,,jy", "有效期不成立"),
    ("D-067-9001,N67,甲药,L,2026/1/1,,usable,prose,,,jy", "日期无法识别"),
    ("D-067-9001,N67,甲药,L,2026-01-01,,usable,,,,jy", "状态或来源"),
    ("D-067-9001,N67,甲药,L,2026-01-01,,usable,prose,甲,甲,jy", "同一人"),
    ("D-067-9001,N67,甲药,L,2026-01-01,,text_only,,,,jy", "状态与限定不符"),
    ("D-067-9001,N67,甲药,L,2026-01-01", "列数不符"),
]
BAD_LIMITS = [
    ("D-067-9001,3,,,,,,,,,", "取值不在规定范围"),
    ("D-067-9001,,,13,3,,,,,,", "年龄上下限"),
    ("D-067-9001,,,3.5,,,,,,,", "数值不合规范"),
    ("D-067-9001,,,-1,,,,,,,", "数值不合规范"),
    ("D-067-9001,,,,,,,,,,", "没有任何内容"),
    ("D-067-9002,2,,,,,,,,,", "没有对应的知识点"),
]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"point": [POINT, line]}, message) for line, message in BAD_POINTS]
    + [({"limit": [LIMIT, line]}, message) for line, message in BAD_LIMITS]
    + [
        ({"point": [POINT, GOOD["point"][1], GOOD["point"][1]]}, "编号重复"),
        ({"limit": [LIMIT, GOOD["limit"][1], GOOD["limit"][1]]}, "编号重复"),
        ({"herb": ["point_id,mode", "D-067-9001,both"]}, "限定重复"),
        ({"pair": [PAIR, "D-067-9001,001,001,day,a,"]}, "两个编码相同|编码不合规范"),
        ({"point_code": [CODE, "D-067-9001,XA00000000001|"]}, "编码不合规范"),
        ({"point_code": [CODE, "D-067-9001,ＸA00000000001"]}, "编码不合规范"),
        ({"point_code": [CODE, "D-067-9001,XA00000000001|XA00000000001"]}, "编码重复"),
        ({"point_code": [CODE]}, "没有项目编码"),
        ({"limit": ["point_id,sex"]}, "列与规定不符"),
    ],
)
def test_a_fault_is_refused_with_file_and_line(tmp_path, changes, message):
    with pytest.raises(Refusal, match=message) as refused:
        knowledge.load(folder(tmp_path, **changes))
    assert f"{next(iter(changes))}.csv" in refused.value.where or "point" in refused.value.where
    assert refused.value.remedy


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (folder(tmp_path) / "item.csv").write_bytes(
        "name,initials,med_list_codg\n甲药,jy,XA00000000001\n".encode("gb18030")
    )
    with pytest.raises(Refusal, match="UTF-8"):
        knowledge.load(tmp_path)


def test_the_version_depends_on_content_and_not_on_the_order_of_rows(tmp_path, monkeypatch):
    shipped = knowledge.load().version
    copy = tmp_path / "copy"
    shutil.copytree(base.SHIPPED, copy)
    head, *lines = (copy / "limit.csv").read_text("utf-8").splitlines()
    (copy / "limit.csv").write_text("\n".join([head, *reversed(lines)]) + "\n", "utf-8")
    monkeypatch.setattr(base, "SHIPPED", copy)
    assert base.load.__wrapped__().version == shipped
    (copy / "limit.csv").write_text("\n".join([head, *lines]).replace("D-067-0002,2", "D-067-0002,1") + "\n", "utf-8")
    assert base.load.__wrapped__().version != shipped
