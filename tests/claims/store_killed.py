"""A process that imports and is killed: by itself at the n-th step onto the disk, or by the test at any moment."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from store_samples import fee, typed

from fundguard.claims.store import Store

steps_left = int(sys.argv[2])


def counted(step: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        global steps_left  # noqa: PLW0603
        steps_left -= 1
        if steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **kwargs)

    return wrapped


os.fsync, os.replace = counted(os.fsync), counted(os.replace)
store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
with store.arrival("killed") as arrival:
    for part in range(3):
        lines = [fee(f"F{part * 2000 + i}", 2000, psn_no=f"99{part * 2000 + i}") for i in range(2000)]
        arrival.add("fee_list_d", typed("fee_list_d", *lines))
    arrival.commit()
