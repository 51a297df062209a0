"""What an institution names in a self-check, against its own rows of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import duckdb
from django.conf import settings

from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.findings.funds import apportion, paid_by_account
from fundguard.web.core import store
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import portions
from fundguard.web.handling.settlements import NET, ORIGINAL
from fundguard.web.selfcheck.models import Report, Reported

SHOWN = 5
AT_ONCE = 2000
#: Settlements of the institution net of refunds, by their own id or by the charge lines on them.
_SETTLEMENTS = f"""
SELECT {ORIGINAL} AS setl_id, any_value(insutype) AS insutype, {NET} FROM setl_d
WHERE fixmedins_code = $code AND list_contains($refs, {ORIGINAL}) GROUP BY 1 ORDER BY 1
"""
_LINES = """
SELECT bkkp_sn, setl_id, CAST(greatest(coalesce(inscp_amt, 0), 0) AS BIGINT) FROM fee_list_d
WHERE fixmedins_code = $code AND list_contains($refs, bkkp_sn)
"""
_PLACE = "SELECT fixmedins_name, fix_blng_admdvs FROM fixmedins_b WHERE fixmedins_code = $code"


def place_of(code: str) -> tuple[str, str]:
    """Name and division of an institution; the code and nothing where the store does not hold it."""
    if not store.exists():
        return code, ""
    with _connect() as connection:
        row = connection.execute(_PLACE, {"code": code}).fetchone()
    return (row[0] or code, row[1] or "") if row else (code, "")


def check(one: Report, told: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Settlement → fund account → fen given back of it; nothing where a period is told.

    Refusal where a number is not the institution's, or a fund would get back more than it paid and nobody asked yet.
    """
    if told["how"] == Reported.How.PERIOD:
        if not (one.campaign.data_from <= told["first"] <= told["last"] <= one.campaign.data_to):
            seen = f"{one.campaign.data_from} 至 {one.campaign.data_to}"
            raise Refusal("期间不在自查的费用期间之内", where="期间", seen=seen, remedy="请核对起止日期")
        return {}
    refs = list(dict.fromkeys(told["refs"].split()))
    if not refs or len(refs) > AT_ONCE:
        raise Refusal(
            f"请填写 1 至 {AT_ONCE} 个编号", where="编号", seen=f"{len(refs)} 个", remedy="编号很多的，按期间填写"
        )
    with _connect() as connection:
        if told["how"] == Reported.How.LINES:
            rows = connection.execute(_LINES, {"code": one.fixmedins_code, "refs": refs}).fetchall()
            _known(refs, {row[0] for row in rows})
            _within(sum(told["amounts"].values()), sum(row[2] for row in rows))
            refs = sorted({row[1] for row in rows if row[1]})
        paid = _paid(connection, one.fixmedins_code, refs)
    _known(refs, paid.keys())
    return _portions(told["amounts"], paid)


def hold(one: Report) -> None:
    """Locks every settlement that the report names, so that nobody else asks for the same money meanwhile."""
    wanted: set[str] = set()
    for row in one.reported.filter(outcome=Reported.Outcome.FOUND).exclude(how=Reported.How.PERIOD):
        wanted |= check(one, vars(row)).keys()
    portions.lock(wanted)


def _paid(connection: duckdb.DuckDBPyConnection, code: str, refs: list[str]) -> dict[str, dict[str, int]]:
    """Settlement → fund account → fen paid, net of refunds."""
    told = connection.execute(_SETTLEMENTS, {"code": code, "refs": refs})
    names = [column[0] for column in told.description]
    rows = (dict(zip(names, values, strict=True)) for values in told.fetchall())
    return {row["setl_id"]: paid_by_account(row) for row in rows}


def _portions(amounts: Mapping[str, int], paid: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The amounts over the settlements in proportion to what each account still has there, beside other demands."""
    taken = portions.taken(paid)
    found: dict[str, dict[str, int]] = {}
    for account, fen in amounts.items():
        left = {s: max(0, of.get(account, 0) - taken.get(s, {}).get(account, 0)) for s, of in paid.items()}
        _within(fen, sum(left.values()))
        for setl_id, part in apportion(fen, left).items():
            if part:
                found.setdefault(setl_id, {})[account] = part
    return found


def _within(fen: int, most: int) -> None:
    if fen > most:
        raise Refusal(
            "退回金额超过这些费用由该基金支付、尚未追回的金额",
            where="退回金额",
            seen=f"填写 {yuan(fen)} 元，可退 {yuan(most)} 元",
            remedy="请核对金额和基金账户；已经认定追回的，不必重复退回",
        )


def _known(refs: list[str], known: Collection[str]) -> None:
    if unknown := [ref for ref in refs if ref not in known]:
        raise Refusal(
            "有编号不是本机构的，或者没有上传",
            where="编号",
            seen=f"{'、'.join(ref[:40] for ref in unknown[:SHOWN])}，共 {len(unknown)} 个",
            remedy="请核对编号；一行一个",
        )


def _connect() -> duckdb.DuckDBPyConnection:
    if not store.exists():
        raise Refusal("还没有导入数据，不能核对编号", where="编号", remedy="请按期间和金额填写")
    return Store.open(settings.STORE).connect(regions=None, threads=1, memory="256MB")
