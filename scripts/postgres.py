"""Create or drop the database of one test run: `python scripts/postgres.py create|drop SERVER_URL NAME`."""

from __future__ import annotations

import sys

import psycopg
from psycopg import sql

STATEMENTS = {"create": "CREATE DATABASE {}", "drop": "DROP DATABASE IF EXISTS {} WITH (FORCE)"}


def main(action: str, server: str, name: str) -> int:
    try:
        with psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL(STATEMENTS[action]).format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        print(f"PostgreSQL 无法连接（{server}）：请启动它，或用 FUNDGUARD_CI_POSTGRES 指明地址。", file=sys.stderr)
        print(f"PostgreSQL is not reachable at {server}: start it, or set FUNDGUARD_CI_POSTGRES.", file=sys.stderr)
        print(str(error).strip(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
