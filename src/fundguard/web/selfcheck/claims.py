"""What an institution names in a self-check, against its own rows of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
from django.conf import settings

from fundguard.claims.store import Store
from fundguard.errors import Refusal
from fundguard.findings.funds import PATIENT
from fundguard.web.core import store
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.fund import selectors as fund
from fundguard.web.selfcheck.models import Report, Reported

SHOWN = 5
AT_ONCE = 2000
#: Numbers that are the institution's, and what the funds paid on them, net of refunds.
_SETTLEMENTS = """
SELECT setl_id, CAST(sum(CASE WHEN refd_setl_flag = '1' THEN -abs(fund_pay_sumamt) ELSE fund_pay_sumamt END) AS BIGINT)
FROM setl_d WHERE fixmedins_code = $code AND list_contains($refs, setl_id) GROUP BY setl_id
"""
_LINES = """
SELECT bkkp_sn, CAST(greatest(coalesce(inscp_amt, 0), 0) AS BIGINT) FROM fee_list_d
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


def check(one: Report, told: Mapping[str, Any]) -> None:
    """Refusal where a number is not the institution's, is demanded already, or more is given back than was paid."""
    refs, fen = list(dict.fromkeys(told["refs"].split())), sum(told["amounts"].values())
    if told["how"] == Reported.How.PERIOD:
        if not (one.campaign.data_from <= told["first"] <= told["last"] <= one.campaign.data_to):
            seen = f"{one.campaign.data_from} 至 {one.campaign.data_to}"
            raise Refusal("期间不在自查的费用期间之内", where="期间", seen=seen, remedy="请核对起止日期")
        return
    if not refs or len(refs) > AT_ONCE:
        raise Refusal(
            f"请填写 1 至 {AT_ONCE} 个编号", where="编号", seen=f"{len(refs)} 个", remedy="编号很多的，按期间填写"
        )
    statement = _SETTLEMENTS if told["how"] == Reported.How.SETTLEMENTS else _LINES
    with _connect() as connection:
        paid = dict(connection.execute(statement, {"code": one.fixmedins_code, "refs": refs}).fetchall())
    if unknown := [ref for ref in refs if ref not in paid]:
        raise Refusal(
            "有编号不是本机构的，或者没有上传",
            where="编号",
            seen=f"{'、'.join(ref[:40] for ref in unknown[:SHOWN])}，共 {len(unknown)} 个",
            remedy="请核对编号；一行一个",
        )
    taken = 0
    if told["how"] == Reported.How.SETTLEMENTS:
        taken = sum(sum(fund.demanded(ref).values()) for ref in refs)
    funds = sum(told["amounts"].get(code, 0) for code in told["amounts"] if code != PATIENT)
    if funds > sum(paid.values()) - taken:
        raise Refusal(
            "退回金额超过这些费用由基金支付、尚未追回的金额",
            where="退回金额",
            seen=f"填写 {yuan(fen)} 元，可退 {yuan(max(0, sum(paid.values()) - taken))} 元",
            remedy="请核对金额；已经认定追回的，不必重复退回",
        )


def _connect() -> duckdb.DuckDBPyConnection:
    if not store.exists():
        raise Refusal("还没有导入数据，不能核对编号", where="编号", remedy="请按期间和金额填写")
    return Store.open(settings.STORE).connect(regions=None, threads=1, memory="256MB")
