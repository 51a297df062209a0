"""People, findings and claims of the desk's tests, with findings that touch several settlements."""

from __future__ import annotations

from datetime import datetime

import pytest

from fundguard.claims.store import Store
from fundguard.web.desk.models import StateRow
from fundguard.web.findings.models import Finding
from tests.claims.store_samples import typed
from tests.web.desk.conftest import HOME, bare, people, row, told  # noqa: F401  fixtures

#: Settlement → amount in scope and what each column paid.
PAID = {
    "S1": {"inscp_amt": 10_000, "hifp_pay": 6000, "hifmi_pay": 2000, "fund_pay_sumamt": 8000},
    "S2": {"inscp_amt": 7000, "hifp_pay": 3333, "hifmi_pay": 0, "fund_pay_sumamt": 3333},
}
PLACED = {"home-L1": "S1", "home-L2": "S2", "other-L1": "S1", "other-L2": "S2"}


@pytest.fixture
def spread(told, settings):  # noqa: F811  a fixture
    """`spread()`: a finding at home of two lines (6,000 and 4,000 fen) in two settlements; `rule` is another rule."""

    def make(**given: object) -> StateRow:
        when = datetime(2026, 5, 10, 9, 0)
        common = {"fixmedins_code": HOME, "insutype": "310", "setl_time": when, "vali_flag": "1", "psn_setlway": "01"}
        common |= {"refd_setl_flag": "0"}
        settlements = [common | {"setl_id": s, "mdtrt_id": f"M-{s}"} | paid for s, paid in PAID.items()]
        lines = [
            {"bkkp_sn": line, "setl_id": s, "mdtrt_id": f"M-{s}", "fixmedins_code": HOME, "vali_flag": "1"}
            for line, s in PLACED.items()
        ]
        place = {"fixmedins_code": HOME, "fix_blng_admdvs": "990101", "fixmedins_name": "示例医院"}
        with Store.create(settings.STORE).arrival(source="test", files={}) as arrival:
            arrival.add("setl_d", typed("setl_d", *settlements))
            arrival.add("fee_list_d", typed("fee_list_d", *lines))
            arrival.add("fixmedins_b", typed("fixmedins_b", place))
            arrival.commit()
        told("r1", home=given, other=given)
        Finding.objects.update(fund_amount_fen=4800 + 1905)
        return row("home")

    return make
