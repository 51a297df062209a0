"""Secret keys kept as files of mode 0600, made on first use."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def key_file(folder: Path, name: str) -> bytes:
    """The 32-byte key `name` in `folder`; made by the first caller, read by everyone after."""
    path = folder / f"{name}.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), "ascii")
        try:
            os.link(draft, path)  # unlike a rename this never replaces a key that another process made first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text("ascii").strip())
