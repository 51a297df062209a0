"""Packs: signed, whole, and nothing but rules as data; whatever else arrives is refused with what to do about it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fundguard.errors import Refusal
from fundguard.rules import packs
from fundguard.rules.pack_template import TEMPLATE, template
from fundguard.rules.packs import Heading, fingerprint, opened, public_key, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HEADING = Heading("示范规则包", "示范市医疗保障局", "990100", 1)
RULE = yaml.safe_load(TEMPLATE["rules/L501.yaml"])
STORIES = TEMPLATE["rules/L501.examples.yaml"]


def rule(**changes: object) -> str:
    return yaml.safe_dump(RULE | changes, allow_unicode=True, sort_keys=False)


def signed(text: str, examples: str = STORIES) -> bytes:
    return sign(HEADING, {"rules/L501.yaml": text, "rules/L501.examples.yaml": examples}, KEY)


def packed(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(content: bytes, *trusted: Ed25519PrivateKey) -> Refusal:
    with pytest.raises(Refusal) as refused:
        opened(content, [key.public_key() for key in trusted or (KEY,)])
    assert refused.value.remedy
    return refused.value


def test_the_template_is_signed_and_opened() -> None:
    content = template(HEADING, KEY)
    pack = opened(content, [Ed25519PrivateKey.generate().public_key(), KEY.public_key()])
    assert (pack.name, pack.region, pack.fingerprint) == ("示范规则包", "990100", fingerprint(KEY.public_key()))
    assert [entry.rule.code for entry in pack.entries] == ["L501"]
    assert content == template(HEADING, KEY)
    key = public_key(KEY.public_key().public_bytes_raw().hex())
    assert fingerprint(key) == pack.fingerprint


def test_a_broken_or_foreign_signature_is_refused() -> None:
    content = template(HEADING, KEY)
    assert "签名无效" in refusal(content, Ed25519PrivateKey.generate()).what
    for name, changed in (
        (packs.SIGNATURE, bytes(64)),
        (packs.MANIFEST, members(content)[packs.MANIFEST].replace(b"990100", b"990200")),
    ):
        assert "签名无效" in refusal(packed(members(content) | {name: changed})).what
    missing = members(content)
    del missing[packs.SIGNATURE]
    assert "签名无效" in refusal(packed(missing)).what
    assert "签名无效" in refusal(content, *[Ed25519PrivateKey.generate()] * 2).what


@pytest.mark.parametrize("name", ["rules/L501.yaml", "rules/L501.examples.yaml"])
def test_a_changed_missing_or_added_file_is_refused(name: str) -> None:
    whole = members(template(HEADING, KEY))
    assert "清单不符" in refusal(packed(whole | {name: whole[name] + b"\n"})).what
    assert "清单不符" in refusal(packed({n: data for n, data in whole.items() if n != name})).what
    assert "清单不符" in refusal(packed(whole | {"rules/L502.yaml": whole[name]})).what


@pytest.mark.parametrize("name", ["../evil.py", "rules/L501.sql", "/etc/passwd", "rules/sub/L501.yaml"])
def test_a_pack_holds_rules_and_nothing_else(name: str) -> None:
    assert "不认识的文件" in refusal(packed(members(template(HEADING, KEY)) | {name: b"x"})).what


def test_what_is_no_pack_is_refused() -> None:
    assert refusal(b"not a zip").what == "不是规则包"
    assert refusal(template(HEADING, KEY)[:200]).what == "不是规则包"
    large = members(template(HEADING, KEY)) | {"rules/L501.yaml": bytes(packs.LARGEST + 1)}
    assert "过大" in refusal(packed(large)).what


INJECTION = "x'; DROP TABLE hit; --"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"shape": "SELECT * FROM setl_d"}, "允许范围"),
        ({"sql": "DELETE FROM hit"}, "字段不合规定"),
        ({"parameters": {"way": "pharmacy", "limit": "10; DROP TABLE hit"}}, "参数类型"),
        ({"parameters": {"way": "pharmacy", "limit": True}}, "参数类型"),
        ({"parameters": {"way": "pharmacy", "limit": 10**12}}, "超出范围"),
        ({"parameters": {"way": "pharmacy", "limit": 10, "column": "ethnicity"}}, "没有这个参数"),
        ({"parameters": {"way": "pharmacy"}}, "缺少必填"),
        ({"parameters": {"way": "pharmacy", "limit": 10, "insurance_hit": [["310"]]}}, "参数类型"),
        ({"excepted": {"ethnicity": ["1"]}}, "不能按这个特征"),
        ({"valid_from": INJECTION}, "类型不对"),
        ({"version": "1; DROP"}, "类型不对"),
        ({"message": ["a"]}, "类型不对"),
        ({"verdict": INJECTION}, "允许范围"),
        ({"article": "条例:999"}, ""),
        ({"code": "L502"}, "文件名不一致"),
        ({"code": INJECTION}, "规则编码不合规定"),
    ],
)
def test_a_rule_names_a_shipped_shape_and_typed_values_only(changes: dict[str, object], what: str) -> None:
    with pytest.raises(Refusal) as refused:
        signed(rule(**changes))
    assert what in refused.value.what
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("examples", "what"),
    [
        ("", "没有示例"),
        ("a: 1", "示例看不懂"),
        ("- {名称: 甲, 表: {setl_d: [{ethnicity: 1}]}}", "没有的表或字段"),
        ("- {名称: 甲, 表: {users: [{a: 1}]}}", "没有的表或字段"),
        ("- {名称: 甲, 就诊: [{开始: 2026-01-01, 每日至: 9999-12-31}]}", "期间太长"),
        ("- {名称: 甲, 就诊: [{方式: 门诊, 费用: [{金额: 多}]}]}", "内容看不懂"),
        ("- &a {名称: 甲}\n- *a", "不允许引用"),
        ("- !!python/object/apply:os.system [x]", "看不懂"),
        ("[" * 3000, "看不懂"),
    ],
)
def test_examples_are_stories_and_nothing_else(examples: str, what: str) -> None:
    with pytest.raises(Refusal) as refused:
        signed(rule(), examples)
    assert what in refused.value.what


def test_words_of_a_rule_stay_words() -> None:
    """Text with quotes is a value wherever it goes: no statement is made of it."""
    entry = opened(signed(rule(message=INJECTION, name=INJECTION)), [KEY.public_key()]).entries[0]
    assert entry.rule.message == INJECTION


@pytest.mark.parametrize("text", ["", "zz", "00" * 31])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="公钥"):
        public_key(text)
