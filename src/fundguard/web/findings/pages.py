"""What the templates of findings may see. No field holds a name or number of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from fundguard.audit.coverage import Coverage
from fundguard.web.core.paging import Page
from fundguard.web.core.parts import Happening


@dataclass(frozen=True)
class Amount:
    """A number of findings and the sum of their `counted_fen`."""

    count: int
    counted_fen: int


@dataclass(frozen=True)
class Tab:
    label: str
    value: str
    count: int
    current: bool


@dataclass(frozen=True)
class Row:
    """A line of the queue; `person` is a pseudonym, `crossing` says that places of treatment and insurance differ."""

    key: str
    number: str
    institution: str
    region: str
    crossing: str
    klass: str
    rule_code: str
    rule_name: str
    person: str
    day: date | None
    amount_fen: int
    counted_fen: int
    verdict: str
    cause: str
    state: str
    withdrawn: bool
    told: str


@dataclass(frozen=True)
class Accusation:
    """One finding of the encounter, with the rule it rests on."""

    key: str
    number: str
    rule_code: str
    rule_name: str
    klass: str
    message: str
    verdict: str
    limit_reason: str
    cause: str
    article: str
    article_label: str
    article_flag: str
    papers: tuple[str, ...]
    amount_fen: int
    fund_amount_fen: int | None
    counted_fen: int
    state: str
    withdrawn: bool
    told: str


@dataclass(frozen=True)
class EvidenceRow:
    """A row that a finding read. `seen` are the values read, in words."""

    rule_code: str
    table: str
    role: str
    seen: str
    amount_fen: int
    day: date | None
    klass: str


@dataclass(frozen=True)
class Elsewhere:
    """Evidence from another institution or region: the day and the class of item, nothing else."""

    day: date | None
    klass: str


@dataclass(frozen=True)
class Charge:
    """A charge line: quantities in 10⁻⁴, prices in 10⁻⁶ yuan, money in fen."""

    bkkp_sn: str
    when: datetime | None
    name: str
    code: str
    department: str
    cnt: int | None
    pric: int | None
    det_item_fee_sumamt: int | None
    inscp_amt: int | None
    evidence: tuple[EvidenceRow, ...] = ()

    @property
    def accused(self) -> bool:
        return any(row.role == "accused" for row in self.evidence)

    @property
    def quantity(self) -> str:
        return "" if self.cnt is None else f"{self.cnt / 10_000:g}"

    @property
    def price(self) -> str:
        return "" if self.pric is None else f"{self.pric / 1_000_000:,.2f}"


@dataclass(frozen=True)
class Settlement:
    setl_id: str
    when: datetime | None
    insurance: str
    medfee_sumamt: int | None
    inscp_amt: int | None
    fund_pay_sumamt: int | None
    by_item: bool
    refund: bool


@dataclass(frozen=True)
class Visit:
    """An encounter of the same person in the same institution; `finding` is a key where there is one to open."""

    mdtrt_id: str
    begin: datetime | None
    end: datetime | None
    kind: str
    charges: int
    inscp_amt: int
    finding: str = ""


@dataclass(frozen=True)
class Encounter:
    """All that the page of a finding shows. `charges` is one `page` of them; `open_here` is False for the
    place of insurance, which sees evidence of another region as day and class only."""

    number: str
    key: str
    title: str
    institution: str
    institution_code: str
    level: str
    region: str
    insured: str
    kind: str
    begin: date | datetime | None
    end: date | datetime | None
    mdtrt_id: str
    dr_code: str
    person: str
    open_here: bool
    accusations: list[Accusation]
    settlements: list[Settlement] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    page: Page | None = None
    charge_count: int = 0
    lit_count: int = 0
    evidence: list[EvidenceRow] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    others: list[Visit] = field(default_factory=list)
    coverage: Coverage | None = None
    history: list[Happening] = field(default_factory=list)

    @property
    def main(self) -> Accusation:
        return self.accusations[0]
