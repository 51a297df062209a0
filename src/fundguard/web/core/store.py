"""The claims store as a page reads it: narrowed to the viewer's regions, read-only, never built inside a request."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import duckdb
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied

from fundguard.claims.store import Store, derive
from fundguard.errors import Refusal
from fundguard.web.accounts.guard import Viewer

KEPT_SECONDS = 3600
SCOPES_KEPT = 16
Answer = TypeVar("Answer")


def opened() -> Store:
    """The site's store. Refuses where nothing was ever imported."""
    if not exists():
        raise Refusal("还没有导入任何数据", where="数据仓库", remedy="请先在“数据导入”页上传结算数据。")
    return Store.open(settings.STORE)


def exists() -> bool:
    return (settings.STORE / "store.json").exists()


@contextmanager
def reading(viewer: Viewer) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that shows the institutions of the viewer's regions only. Those who see one institution get none."""
    if viewer.institutions is not None:
        raise PermissionDenied("查看数据导入")
    with opened().connect(regions=viewer.regions, build=False) as connection:
        yield connection


class _Kept:
    """Connections that were made once for each set of regions; making one costs more than a page's queries.

    All belong to one derived file: with the next one they are made anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file = ""
        self._by_scope: dict[frozenset[str] | None, duckdb.DuckDBPyConnection] = {}

    def cursor(self, regions: frozenset[str] | None) -> duckdb.DuckDBPyConnection:
        with self._lock:
            current = str(derive.current(settings.STORE, build=True))
            if current != self._file:
                self._by_scope, self._file = {}, current
            if regions not in self._by_scope:
                if len(self._by_scope) >= SCOPES_KEPT:
                    self._by_scope.pop(next(iter(self._by_scope)))
                self._by_scope[regions] = opened().connect(regions=regions, threads=1, memory="256MB")
            return self._by_scope[regions].cursor()


_kept = _Kept()


def cursor(regions: frozenset[str] | None) -> duckdb.DuckDBPyConnection:
    """The store narrowed to these divisions, None for all of it; the caller closes the cursor and creates nothing.

    The regions are the caller's to guard. Refuses where nothing was ever imported.
    """
    return _kept.cursor(regions)


def remembered(viewer: Viewer, name: str, read: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
    """What `read` answers, kept as long as the derived file and the viewer's regions are the same."""
    opened()
    generation = derive.current(settings.STORE, build=False).name
    scope = hashlib.sha256("|".join(sorted(viewer.regions)).encode()).hexdigest()[:16]
    key = f"store:{name}:{generation}:{scope}"
    kept = cache.get(key)
    if kept is None:
        with reading(viewer) as connection:
            kept = read(connection)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def ready() -> bool:
    """Whether pages have a derived file to read; it is made at the end of an import or a run."""
    return (settings.STORE / "derived" / "current.json").exists()
