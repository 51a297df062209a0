"""A draw in three acts, so that nobody can choose whom it hits.

1. Freeze: the list is written in its canonical form and its keyed hash published, with the size and the public value
   that will be the seed (a lottery number, a closing index), *before* that value exists. The key keeps the list secret.
2. Seed: once the public value is known, seed = SHA-256 of form, published hash and value.
3. Draw: each key gets the ticket SHA-256(seed, key); the smallest tickets are drawn. Ten and then ten more are the same
   as twenty, and one key more or less on the list changes no other ticket.

After publication of the list and the hash key, SHA-256 and a sort are all that is needed to check it. After RFC 3797
(publish pool and method first, then use public randomness) and the consistent sampler of R. L. Rivest (tickets).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fundguard.errors import Refusal

FORM = "fundguard-draw/1"


@dataclass(frozen=True)
class Frozen:
    """What is published before the seed is known. `source` names the public value to come; `at` is an aware instant."""

    commitment: str
    count: int
    size: int
    source: str
    at: datetime


def sample_size(base: int, share_e4: int) -> int:
    """At least `share_e4` ten-thousandths of `base`, rounded up."""
    return -(-base * share_e4 // 10_000)


def freeze(keys: Iterable[str], hash_key: bytes, *, size: int, source: str, at: datetime) -> Frozen:
    """The publication for a list. Refusal where a key is repeated or cannot stand on a line, or the size is wrong."""
    listed = list(keys)
    return Frozen(commitment(listed, hash_key), len(listed), _sized(size, len(listed)), source, at)


def commitment(keys: Iterable[str], hash_key: bytes) -> str:
    """HMAC-SHA-256 of the canonical list: form, count, then the keys in code-point order, one a line, UTF-8."""
    listed = sorted(keys)
    if len(set(listed)) < len(listed) or any(not key or "\n" in key for key in listed):
        raise Refusal("抽取名单有重复、空白或者换行的编号", seen=f"{len(listed)} 个", remedy="请核对名单后重新封存")
    text = "\n".join((FORM, str(len(listed)), *listed))
    return hmac.new(hash_key, text.encode(), hashlib.sha256).hexdigest()


def seed(frozen: Frozen, public_value: str, known_at: datetime) -> str:
    """The seed in hex. Blanks, and the width of characters, of the public value do not matter.

    Refusal where the value was known when the list was frozen, or is empty.
    """
    if known_at <= frozen.at:
        raise Refusal(
            "公开数值的产生时间不晚于名单封存时间",
            seen=f"{known_at.isoformat()} ≤ {frozen.at.isoformat()}",
            remedy="请使用封存之后产生的公开数值",
        )
    value = "".join(unicodedata.normalize("NFKC", public_value).split())
    if not value:
        raise Refusal("公开数值为空", remedy="请填写封存时公布的数值来源所产生的数值")
    return hashlib.sha256("\n".join((FORM, frozen.commitment, value)).encode()).hexdigest()


def draw(keys: Iterable[str], seed_hex: str, size: int, *, skip: int = 0) -> tuple[str, ...]:
    """`size` keys in the order drawn; `skip` for those drawn before (replacements, a second instalment)."""
    order = sorted(keys, key=lambda key: (ticket(seed_hex, key), key))
    return tuple(order[skip : skip + _sized(size, len(order) - skip)])


def ticket(seed_hex: str, key: str) -> str:
    """SHA-256 of seed and key, in hex."""
    return hashlib.sha256(f"{seed_hex}\n{key}".encode()).hexdigest()


def verify(  # noqa: PLR0913 (everything that is published in the end)
    frozen: Frozen,
    *,
    keys: Iterable[str],
    hash_key: bytes,
    public_value: str,
    known_at: datetime,
    drawn: Iterable[str],
) -> tuple[str, ...]:
    """What does not agree with the publication; empty where the draw is the one published."""
    listed, claimed = list(keys), tuple(drawn)
    found = []
    if len(listed) != frozen.count:
        found.append(f"名单有 {len(listed)} 项，公布的是 {frozen.count} 项")
    if not hmac.compare_digest(commitment(listed, hash_key), frozen.commitment):
        found.append("名单与公布的散列不符")
    if claimed != draw(listed, seed(frozen, public_value, known_at), min(frozen.size, len(listed))):
        found.append("抽取结果与重算的不符")
    return tuple(found)


def _sized(size: int, count: int) -> int:
    if not 0 <= size <= count:
        raise Refusal("抽取数量超出名单", seen=f"{size} / {count}", remedy="请核对抽取数量")
    return size
