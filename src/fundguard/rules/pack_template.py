"""The template of a pack: one local rule as data with its examples, to copy and fill in."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fundguard.rules.packs import Heading, sign

_RULE = """\
code: L501
name: 频繁购药
class: 本地规则/就诊行为
shape: frequency
parameters: {way: pharmacy, limit: 10}
verdict: 可疑
verdict_limit: 可疑
limit_reason: 次数多不等于违规，须看用药
stages: [事后]
scenes: [购药]
article: 条例:17
message: 一个自然月内购药次数超过阈值
papers: [购药清单]
state: draft
version: 1
valid_from: 2026-01-01
"""
_EXAMPLES = """\
- 名称: 一个月第11次购药
  就诊:
    - {方式: 购药, 开始: 2026-05-01, 每日至: 2026-05-10}
    - {方式: 购药, 开始: 2026-05-11, 预期: 可疑, 违规金额: 100}
- 名称: 正好10次
  就诊:
    - {方式: 购药, 开始: 2026-05-01, 每日至: 2026-05-10}
"""
#: Path in the pack → text.
TEMPLATE = {"rules/L501.yaml": _RULE, "rules/L501.examples.yaml": _EXAMPLES}


def template(heading: Heading, key: Ed25519PrivateKey) -> bytes:
    """The template as a signed pack."""
    return sign(heading, TEMPLATE, key)
