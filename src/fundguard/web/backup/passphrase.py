"""The keys in a backup: encrypted with a passphrase, and bound to the manifest, so that neither can be exchanged."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fundguard.errors import Refusal

VARIABLE = "FUNDGUARD_BACKUP_PASSPHRASE"
AT_LEAST = 12  # characters
_SALT, _NONCE = 16, 12
_COST = {"n": 2**17, "r": 8, "p": 1}  # some 0.4 s and 128 MB a try


def told() -> str:
    """The passphrase from the environment, or from the file that `FUNDGUARD_BACKUP_PASSPHRASE_FILE` names."""
    path = os.environ.get(f"{VARIABLE}_FILE")
    given = Path(path).read_text().strip() if path else os.environ.get(VARIABLE, "")
    if len(given) < AT_LEAST:
        raise Refusal(
            "没有备份密码，或密码太短",
            where=VARIABLE,
            remedy=f"用环境变量 {VARIABLE}（或 {VARIABLE}_FILE）给出至少 {AT_LEAST} 个字符的密码，并与备份分开保管",
            exit_code=2,
        )
    return given


def locked(files: Mapping[str, bytes], passphrase: str, manifest: bytes) -> bytes:
    """Salt, nonce and the encrypted files; they open only with the passphrase and this very manifest."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    content = json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}).encode()
    return salt + nonce + _cipher(passphrase, salt).encrypt(nonce, content, manifest)


def opened(content: bytes, passphrase: str, manifest: bytes) -> dict[str, bytes]:
    salt, nonce, sealed = content[:_SALT], content[_SALT : _SALT + _NONCE], content[_SALT + _NONCE :]
    try:
        told = json.loads(_cipher(passphrase, salt).decrypt(nonce, sealed, manifest))
    except (InvalidTag, ValueError) as error:
        raise Refusal(
            "备份打不开：密码不对，或备份的清单被改动", where="备份", remedy="核对备份密码；确认无误的，换一份备份"
        ) from error
    return {name: base64.b64decode(data) for name, data in told.items()}


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, **_COST).derive(passphrase.encode()))
