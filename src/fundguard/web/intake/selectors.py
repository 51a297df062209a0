"""Guarded reads: arrivals and quarantine (without persons), the quality report of the viewer's institutions."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from fundguard.claims.intake.quality import QualityReport, quality
from fundguard.claims.store.manifest import Manifest
from fundguard.web.accounts.guard import Viewer
from fundguard.web.accounts.selectors import every_region, owned
from fundguard.web.core import store
from fundguard.web.core.tables import titled
from fundguard.web.core.templatetags.show import yuan
from fundguard.web.intake.pages import CODE, MONTH, TABLE, ArrivalPage, SectionPage
from fundguard.web.jobs import selectors as jobs


def arrivals(viewer: Viewer) -> list[ArrivalPage]:
    """All committed arrivals, newest first."""
    brought = _brought(viewer)
    return [ArrivalPage.of(one, *brought.get(one.arrival, ())) for one in reversed(_manifests())]


def arrival(viewer: Viewer, number: int) -> ArrivalPage | None:
    return next((one for one in arrivals(viewer) if one.number == number), None)


def _manifests() -> list[Manifest]:
    return store.opened().manifests() if store.exists() else []


def _brought(viewer: Viewer) -> dict[int, tuple[str, dict]]:
    """Arrival → who brought it by this site, and what its job told."""
    done = jobs.jobs(viewer, "import").filter(state="done")
    return {job.result["arrival"]: (str(job.created_by or ""), job.result) for job in done}


def quarantine(viewer: Viewer, number: int) -> pa.Table:
    """Rejected rows of an arrival: place, field, reason, what was seen, masked by the import."""
    if "" in owned(viewer):
        return store.opened().quarantine(number)  # everything is in reach: nothing needs to be unsealed
    return quarantine_rows(viewer, number).drop_columns(["raw"])


def quarantine_rows(viewer: Viewer, number: int) -> pa.Table:
    """The same with the rows themselves as `raw`; the caller has asked for a reason and recorded it.

    A row that names an institution, or else a division, is shown only where one of those named is in reach.
    """
    rows = store.opened().quarantine_rows(number)
    if not rows.num_rows:
        return rows
    own, named = owned(viewer), _named()
    return rows.filter(pa.array([_in_reach(raw, named, own) for raw in rows["raw"].to_pylist()], pa.bool_()))


_NO_CODE = re.compile(r"[^0-9A-Za-z]+")


def _named() -> tuple[dict[str, str], frozenset[str]]:
    """Division of each institution of the store, all divisions."""
    with store.opened().connect(build=False) as connection:
        found = connection.execute("SELECT fixmedins_code, coalesce(fix_blng_admdvs, '') FROM fixmedins_b").fetchall()
    return dict(found), every_region()


def _in_reach(raw: str, named: tuple[dict[str, str], frozenset[str]], own: frozenset[str]) -> bool:
    institutions, divisions = named
    words = set(_NO_CODE.split(raw))  # the row may be broken: no parser is asked
    told = {institutions[word] for word in words if word in institutions} or words & divisions
    return not told or not own.isdisjoint(told)


def institution_names(viewer: Viewer) -> dict[str, str]:
    """Code → name of every institution in the viewer's regions."""
    statement = "SELECT fixmedins_code, any_value(fixmedins_name) FROM fixmedins_b GROUP BY ALL"
    return store.remembered(viewer, "institutions", lambda connection: dict(connection.execute(statement).fetchall()))


def quality_report(viewer: Viewer, *, institution: str = "", table: str = "", month: str = "") -> QualityReport:
    """The report over the viewer's institutions, narrowed to one (code, or part of its name), a table, a month."""
    report = store.remembered(viewer, "quality", quality)
    if not (institution or table or month):
        return report
    codes = [c for c, name in institution_names(viewer).items() if institution == c or institution in (name or "")]
    asked = {CODE: codes if institution else None, TABLE: [table] if table else None, MONTH: [month] if month else None}
    wanted = {column: values for column, values in asked.items() if values is not None}
    sections = {
        name: replace(section, rows=_narrowed(section.rows, wanted)) for name, section in report.sections.items()
    }
    return QualityReport(sections)


def _narrowed(rows: pa.Table, wanted: dict[str, list[str]]) -> pa.Table:
    """Rows with a wanted value in each column that is asked for and that the section has."""
    for column, values in wanted.items():
        if column in rows.column_names:
            rows = rows.filter(pc.is_in(rows[column], value_set=pa.array(values, pa.string())))
    return rows


def section_page(viewer: Viewer, report: QualityReport, name: str, offset: int, size: int) -> SectionPage:
    """One page of a section; an institution is shown with its name, money in yuan, shares in percent."""
    section = report.sections[name]
    names = institution_names(viewer)
    shown = section.rows.slice(offset, size).to_pylist()
    return SectionPage(
        name,
        section.title,
        section.note,
        tuple(
            (f"{label}（元）" if column.endswith("_fen") else label, _look(column)) for column, label in section.columns
        ),
        tuple(tuple((_cell(c, row[c], names), _look(c)) for c, _ in section.columns) for row in shown),
    )


_SHORT = frozenset({TABLE, CODE, MONTH, "field", "since", "until"})
_LONG = frozenset({"meaning", "problem", "months"})


def _look(column: str) -> str:
    """Class of a cell: short texts stay on one line, numbers stand at the right."""
    return "nowrap" if column in _SHORT else "" if column in _LONG else "num"


def _cell(column: str, value: object, names: dict[str, str]) -> str:
    if value is None:
        return ""
    if column == CODE:
        return f"{names.get(value) or ''} {value}".strip()
    if column == TABLE:
        return titled(str(value))
    if column.endswith("_fen"):
        return yuan(int(value))
    if column == "share":
        return f"{value:.2%}"
    return f"{value:,}" if isinstance(value, int) else str(value)
