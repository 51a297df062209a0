"""The two secrets of a store: the pseudonym key and the sealing key.

They lie in `ROOT/keys`, or where the environment variable FUNDGUARD_KEYS points, readable by their owner only.
Losing them means that no new row can be joined to an old person, and that no sealed name can be opened.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fundguard.claims.store import durable
from fundguard.errors import Refusal

_FILES = ("pseudonym.key", "sealing.key")
_NONCE = 12
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
#: HMAC-SHA256 as SQL, because a chunk has tens of thousands of persons; equal to `Keys.keyed`.
_KEYED_SQL = """
CREATE TEMP MACRO keyed(told) AS substr(sha256(getvariable('outer_pad')::BLOB
    || unhex(sha256(getvariable('inner_pad')::BLOB || encode(told)))), 1, 24)
"""


class Keys:
    """Pseudonyms and sealing with the keys of one store."""

    def __init__(self, pseudonym: bytes, sealing: bytes) -> None:
        self._pseudonym = pseudonym
        self._cipher = AESGCM(sealing)
        self.fingerprint = hmac.digest(pseudonym, hashlib.sha256(sealing).digest(), "sha256").hex()[:16]

    def keyed(self, told: str) -> str:
        """24 hexadecimal digits of HMAC-SHA256."""
        return hmac.digest(self._pseudonym, told.encode(), "sha256").hex()[:24]

    def psn_key(self, psn_no: str) -> str:
        """The pseudonym of a person's number."""
        return "P" + self.keyed(f"psn:{psn_no}")

    def teach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a private in-memory connection the SQL function `keyed(text)`."""
        block = self._pseudonym.ljust(64, b"\0")
        for name, pad in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
            connection.execute(f"SET VARIABLE {name} = ?::BLOB", [bytes(b ^ pad for b in block)])
        connection.execute(_KEYED_SQL)

    def seal(self, content: object, about: str) -> bytes:
        """Encrypt a JSON value; it opens only together with the same `about`."""
        return self.seal_bytes(_ENCODE(content).encode(), about)

    def seal_bytes(self, content: bytes, about: str) -> bytes:
        """Encrypt a whole file; 28 bytes longer."""
        return self._sealed(content, about, os.urandom(_NONCE))

    def seal_texts(self, texts: Sequence[str | None], about: Iterable[str]) -> list[bytes | None]:
        """Encrypt many JSON texts, each with its own `about`; what is None stays None."""
        random = os.urandom(_NONCE * len(texts))
        nonces = (random[i : i + _NONCE] for i in range(0, len(random), _NONCE))
        return [
            None if text is None else self._sealed(text.encode(), owner, nonce)
            for text, owner, nonce in zip(texts, about, nonces, strict=True)
        ]

    def open(self, sealed: bytes, about: str) -> object:
        return json.loads(self.open_bytes(sealed, about))

    def open_bytes(self, sealed: bytes, about: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except InvalidTag as error:
            raise Refusal(
                "密封数据无法打开：密钥不符或数据被改动", remedy="核对密钥目录；必要时从同一时点的备份恢复"
            ) from error

    def _sealed(self, content: bytes, about: str, nonce: bytes) -> bytes:
        return nonce + self._cipher.encrypt(nonce, content, about.encode())


def folder(root: Path) -> Path:
    told = os.environ.get("FUNDGUARD_KEYS")
    return Path(told) if told else root / "keys"


def create(root: Path) -> Keys:
    """Keys for a new store: those already in the folder, else new ones of 32 random bytes, mode 0600."""
    place = folder(root)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _FILES:
        if not (place / name).exists():
            durable.write(place / name, os.urandom(32), mode=0o600)
    return load(root)


def load(root: Path) -> Keys:
    place = folder(root)
    try:
        pseudonym, sealing = ((place / name).read_bytes() for name in _FILES)
    except OSError as error:
        raise Refusal(
            "密钥缺失或无权读取", where=str(place), remedy="恢复密钥文件，或用 FUNDGUARD_KEYS 指明密钥目录"
        ) from error
    return Keys(pseudonym, sealing)
