"""Import from database servers: PostgreSQL where FUNDGUARD_TEST_DB names one, MariaDB where 127.0.0.1:3306 answers.

Each test makes a database and a reading user with a password of its own, and drops both.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pymysql
import pytest
import sqlalchemy as sa

from fundguard.claims.intake import database, import_database
from fundguard.claims.intake.database import PASSWORD
from fundguard.claims.store import Store
from fundguard.errors import Refusal

SECRET = "right-" + uuid.uuid4().hex


@dataclass(frozen=True)
class Server:
    """A database of the test's own: `owner` may write, `reader` is the address for the import, without password."""

    owner: sa.URL
    reader: str


@contextmanager
def _postgresql(name: str) -> Iterator[Server]:
    told = os.environ.get("FUNDGUARD_TEST_DB")
    if not told:
        pytest.skip("FUNDGUARD_TEST_DB names no PostgreSQL server")
    address = sa.make_url(told.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    server = address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'")  # type: ignore[call-overload]
        owner = address.set(database=name)
        try:
            _execute(owner, f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {name}")
            yield Server(owner, f"postgresql://{name}@{address.host}:{address.port or 5432}/{name}")
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]
            admin.execute(f"DROP ROLE {name}")  # type: ignore[call-overload]


@contextmanager
def _mysql(name: str) -> Iterator[Server]:
    try:
        admin = pymysql.connect(host="127.0.0.1", port=3306, user="root", password="", autocommit=True)
    except pymysql.OperationalError:
        pytest.skip("no MariaDB at 127.0.0.1:3306 that lets root in without a password")
    with admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"CREATE USER {name}@'%' IDENTIFIED BY '{SECRET}'")
            cursor.execute(f"GRANT SELECT ON {name}.* TO {name}@'%'")
            owner = sa.URL.create("mysql+pymysql", "root", "", "127.0.0.1", 3306, name)
            yield Server(owner, f"mysql://{name}@127.0.0.1:3306/{name}")
        finally:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"DROP USER IF EXISTS {name}@'%'")


KINDS: dict[str, Callable[[str], Iterator[Server]]] = {"postgresql": _postgresql, "mysql": _mysql}  # type: ignore[dict-item]


@pytest.fixture(params=list(KINDS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with KINDS[request.param](f"fundguard_{uuid.uuid4().hex[:12]}") as made:  # type: ignore[attr-defined]
        _fill(made.owner)
        yield made


def _execute(owner: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(owner)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def _fill(owner: sa.URL) -> None:
    """Seven typed fee lines, one of them without its key; a view of persons; a table nobody knows."""
    engine = sa.create_engine(owner)
    meta = sa.MetaData()
    fees = sa.Table(
        "fee_list_d",
        meta,
        *(
            sa.Column(name, sa.String(40))
            for name in ("bkkp_sn", "mdtrt_id", "setl_id", "psn_no", "fixmedins_code", "hilist_name", "med_list_codg")
        ),
        sa.Column("fee_ocur_time", sa.DateTime),
        sa.Column("cnt", sa.Numeric(16, 4)),
        sa.Column("pric", sa.Numeric(16, 6)),
        sa.Column("det_item_fee_sumamt", sa.Numeric(16, 2)),
        sa.Column("prd_days", sa.Integer),
    )
    persons = sa.Table("persons", meta, sa.Column("psn_no", sa.String(40)), sa.Column("psn_name", sa.String(40)))
    sa.Table("department_notes", meta, sa.Column("note", sa.String(40)))
    meta.create_all(engine)
    line = {
        "mdtrt_id": "M1",
        "setl_id": "S1",
        "psn_no": "P1",
        "fixmedins_code": "H99000000001",
        "hilist_name": "示例药品〇一",
        "med_list_codg": "XA01AAA00",
        "fee_ocur_time": datetime(2026, 1, 5, 10, 11, 12),
        "cnt": Decimal("2.5"),
        "pric": Decimal("12345678.123456"),
        "det_item_fee_sumamt": Decimal("30864195.31"),
    }
    with engine.begin() as connection:
        connection.execute(fees.insert(), [line | {"bkkp_sn": f"F{i}", "prd_days": i} for i in range(6)])
        connection.execute(fees.insert(), [line | {"bkkp_sn": None, "prd_days": None}])
        connection.execute(persons.insert(), [{"psn_no": "P1", "psn_name": "测甲〇〇一"}])
        connection.execute(sa.text("CREATE VIEW psn_info_b AS SELECT psn_no, psn_name FROM persons"))
    engine.dispose()


def test_typed_columns_and_views_arrive_exactly_in_several_portions(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, SECRET)
    monkeypatch.setattr("fundguard.claims.intake.database.ROWS", 2)
    result = import_database(server.reader, tmp_path / "store", max_bad=1)
    counts = result.tables["fee_list_d"]
    assert (counts.read, counts.new, counts.quarantined) == (7, 6, 1)
    assert result.reasons == {"缺少主键": 1}
    assert sorted(result.unrecognised) == ["department_notes", "persons"]
    store = Store.open(tmp_path / "store")
    with store.connect() as connection:
        found = connection.execute(
            """SELECT bkkp_sn, psn_key, hilist_name, fee_ocur_time, cnt, pric, det_item_fee_sumamt, prd_days
            FROM fee_list_d ORDER BY bkkp_sn"""
        ).fetchall()
    moment = datetime(2026, 1, 5, 10, 11, 12)
    key = store.psn_key("P1")
    assert found == [
        (f"F{i}", key, "示例药品〇一", moment, 25_000, 12_345_678_123_456, 3_086_419_531, i * 10_000) for i in range(6)
    ]
    assert store.identity().of("person", key)["psn_name"] == "测甲〇〇一"
    again = import_database(server.reader, tmp_path / "store", max_bad=1)
    assert again.tables["fee_list_d"].unchanged == 6


def test_a_wrong_password_is_told_as_such_and_nothing_is_made(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, "wrong-password")
    try:
        sa.create_engine(sa.make_url(server.reader).set(**_wrong(server)), poolclass=sa.NullPool).connect().close()
        pytest.skip("this server lets everybody in whatever the password")
    except sa.exc.SQLAlchemyError:
        pass
    with pytest.raises(Refusal, match="无法读取数据库") as refused:
        import_database(server.reader, tmp_path / "store")
    told = str(refused.value)
    assert "口令" in told
    assert PASSWORD in told
    assert "wrong-password" not in told
    assert not (tmp_path / "store").exists()


def _wrong(server: Server) -> dict[str, str]:
    return {"drivername": server.owner.drivername, "password": "wrong-password"}


def test_the_source_cannot_be_written(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the user of the import could: the transaction is read-only."""
    seen: list[sa.Connection] = []
    monkeypatch.setattr(database, "_source", lambda connection, name, columns: seen.append(connection))
    monkeypatch.setenv(PASSWORD, server.owner.password or "")
    owner = server.owner.set(drivername=server.owner.get_backend_name())._replace(password=None)
    with (
        database.database_sources(owner.render_as_string()),
        pytest.raises(sa.exc.SQLAlchemyError, match=r"(?i)read.only"),
    ):
        seen[0].execute(sa.text("DELETE FROM department_notes"))
