"""Tables of a foreign database (PostgreSQL, MySQL, SQLite), read in one read-only transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from fundguard.claims.intake.chunk import Chunk, Source, ready, table_chunk
from fundguard.claims.intake.tabular import text_table
from fundguard.errors import Refusal

PASSWORD = "FUNDGUARD_DB_PASSWORD"  # noqa: S105 (the name of the variable)
ROWS = 50_000
DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}
READ_ONLY = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


@contextmanager
def database_sources(url: str) -> Iterator[list[Source]]:
    """All tables and views of `url`, open while the block lasts.

    `url` is a SQLAlchemy URL without a password; the password stands in the environment variable
    FUNDGUARD_DB_PASSWORD. Raises `Refusal` for a URL with a password, an unknown system or no connection.
    """
    address = _address(url)
    engine = sa.create_engine(address, hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(READ_ONLY[address.get_backend_name()]))
            inspector = sa.inspect(connection)
            names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
            yield [_source(connection, name, _columns(connection, name)) for name in names]
    except SQLAlchemyError as error:
        raise Refusal(
            "无法读取数据库",
            where=f"数据库 {address.database or ''}",
            seen=type(error).__name__,
            remedy=f"请检查地址、用户名、口令和权限；口令放在环境变量 {PASSWORD} 中",
        ) from None
    finally:
        engine.dispose()


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
        driver = DRIVERS[address.get_backend_name()]
    except (SQLAlchemyError, KeyError):
        raise Refusal(
            "数据库地址不能识别",
            where="导入参数",
            remedy="请使用 postgresql://、mysql:// 或 sqlite:/// 开头的地址",
            exit_code=2,
        ) from None
    if address.password:
        raise Refusal(
            "数据库地址中不得写口令",
            where="导入参数",
            remedy=f"请去掉地址中的口令，改放在环境变量 {PASSWORD} 中",
            exit_code=2,
        )
    if address.get_backend_name() == "sqlite":
        return address.set(database=f"file:{address.database}", query={"mode": "ro", "uri": "true"})
    return address.set(drivername=driver, password=os.environ.get(PASSWORD))


def _columns(connection: Connection, name: str) -> list[str]:
    """As a query gives them: describing a view needs more rights on MySQL than reading it."""
    nothing = sa.select(sa.text("*")).select_from(sa.table(name)).where(sa.false())
    return list(connection.execute(nothing).keys())


def _source(connection: Connection, name: str, columns: list[str]) -> Source:
    table = sa.table(name, *(sa.column(c) for c in columns))

    def chunks() -> Iterator[tuple[int, Callable[[], Chunk]]]:
        result = connection.execution_options(yield_per=ROWS).execute(sa.select(*table.columns))
        for rows in result.partitions(ROWS):
            yield 0, ready(table_chunk(text_table(tuple(columns), rows), None))

    return Source(name, tuple(columns), 0, chunks)
