"""The data-quality report: what an institution uploads, how completely, correctly and late, and whether it adds up.

Every section is one statement over a store connection and one table of the report; nothing in it names a person.
Rows are per institution and month (`yyyymm` of the charge, settlement or admission).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from fundguard.claims.intake.checks import MEANING
from fundguard.claims.tables import tables

if TYPE_CHECKING:
    import xlsxwriter

LATE_DAYS = 10
EXCEL_ROWS = 1_048_575
#: Tables an institution uploads, and the time that says which month a row belongs to.
_UPLOADED = {"fee_list_d": "fee_ocur_time", "setl_d": "setl_time", "mdtrt_d": "begntime"}
#: Fields that no table requires but whose absence makes rules answer "could not evaluate".
IMPORTANT = {
    "fee_list_d": "setl_id med_list_codg medins_list_codg hilist_code inscp_amt chrgitm_lv med_chrgitm_type list_type "
    "bilg_dept_codg bilg_dr_code acord_dept_codg rx_drord_no prd_days vali_flag updt_time",
    "setl_d": "inscp_amt psn_setlway psn_type refd_setl_flag insu_admdvs fix_blng_admdvs lmtpric_hosp_lv vali_flag "
    "updt_time",
    "mdtrt_d": "endtime insutype gend brdy chfpdr_code adm_dept_codg dscg_maindiag_code dscg_way inhosp_stas "
    "vali_flag updt_time",
}


@dataclass(frozen=True)
class Section:
    """One table of the report: `columns` are (name, Chinese header), `rows` has them in this order."""

    name: str
    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    rows: pa.Table


@dataclass(frozen=True)
class QualityReport:
    """All sections, by name: totals completeness accuracy lateness settlements gaps."""

    sections: dict[str, Section]


_PLACE = (("fixmedins_code", "定点医药机构编号"), ("month", "月份"))
_TABLE = (("table_name", "数据表"), *_PLACE)


def quality(connection: duckdb.DuckDBPyConnection, late_days: int = LATE_DAYS) -> QualityReport:
    """The report over all that `connection` shows (regions and day of knowledge are the connection's).

    Amounts are in fen, shares between 0 and 1, lateness in whole days from the charge or settlement to the row's
    `crte_time`, or to its stamp (update, batch or arrival time) where that is absent; later than `late_days` is late.
    """
    sections = (_volumes(), _completeness(), _accuracy(), _lateness(late_days), _settlements(), _gaps())
    return QualityReport(
        {
            name: Section(name, title, note, columns, _read(connection, columns, sql))
            for name, title, note, columns, sql in sections
        }
    )


_Declared = tuple[str, str, str, tuple[tuple[str, str], ...], str]


def _read(connection: duckdb.DuckDBPyConnection, columns: tuple[tuple[str, str], ...], sql: str) -> pa.Table:
    return connection.sql(
        f"SELECT {', '.join(name for name, _ in columns)} FROM ({sql}) t ORDER BY ALL"
    ).to_arrow_table()


def _months() -> str:
    """One row per uploaded row: its table, institution, month, day of the event and day of its arrival, and marks."""
    return " UNION ALL ".join(
        f"""SELECT '{table}' AS table_name, fixmedins_code, strftime({time}, '%Y%m') AS month, {time}_day AS day,
            coalesce(crte_time_day, date_diff('day', DATE '1970-01-01', stamp::DATE)) AS known, marks FROM {table}"""
        for table, time in _UPLOADED.items()
    )


def _volumes() -> _Declared:
    columns = (*_TABLE, ("lines", "行数"), ("marked", "有疑问的行数"), ("share", "无疑问占比"))
    sql = f"""SELECT table_name, fixmedins_code, month, count(*) AS lines, count(marks) AS marked,
        round(1 - count(marks) / count(*), 4) AS share FROM ({_months()}) u GROUP BY ALL"""
    return "totals", "上传总量", "每个机构每月上传的有效行数，以及其中带有疑问标记的行数。", columns, sql


def _completeness() -> _Declared:
    declared = [
        f"('{table}', '{'psn_key' if f.kind == 'person' else f.name}', '{f.meaning}')"
        for table in _UPLOADED
        for f in tables()[table].fields
        if (f.required and not f.key) or f.name in IMPORTANT[table].split()
    ]
    columns = (
        *_TABLE,
        ("field", "字段"),
        ("meaning", "字段含义"),
        ("total", "应填行数"),
        ("missing", "未填行数"),
        ("share", "填写率"),
    )
    sql = f"""SELECT p.table_name, p.fixmedins_code, p.month, p.field, d.meaning, p.total,
        p.total - p.filled AS missing, round(p.filled / p.total, 4) AS share
        FROM source_profile p JOIN (VALUES {", ".join(declared)}) d(table_name, field, meaning)
        ON p.table_name = d.table_name AND p.field = d.field WHERE p.filled < p.total"""
    return "completeness", "完整性", "必填字段和审核所需字段的填写率，只列出有缺项的。", columns, sql


def _accuracy() -> _Declared:
    kinds = ", ".join(f"('{kind}', '{meaning}')" for kind, meaning in MEANING.items())
    columns = (*_TABLE, ("problem", "问题"), ("field", "字段"), ("lines", "行数"), ("share", "占该月行数"))
    sql = f"""SELECT m.table_name, m.fixmedins_code, m.month, k.meaning AS problem, split_part(m.mark, ':', 2) AS field,
        m.lines, round(m.lines / t.total, 4) AS share
        FROM (SELECT table_name, fixmedins_code, month, mark, count(*) AS lines
              FROM (SELECT * EXCLUDE (marks), unnest(string_split(marks, ',')) AS mark FROM ({_months()}) u) v
              GROUP BY ALL) m
        JOIN (SELECT table_name, fixmedins_code, month, count(*) AS total FROM ({_months()}) u GROUP BY ALL) t
          ON t.table_name = m.table_name AND t.fixmedins_code IS NOT DISTINCT FROM m.fixmedins_code
          AND t.month IS NOT DISTINCT FROM m.month
        JOIN (VALUES {kinds}) k(kind, meaning) ON k.kind = split_part(m.mark, ':', 1)"""
    return "accuracy", "准确性", "已入库但自相矛盾或不符合国家字典的行，按问题和字段统计。", columns, sql


def _lateness(late_days: int) -> _Declared:
    columns = (
        *_TABLE,
        ("lines", "行数"),
        ("median", "迟到天数中位数"),
        ("p95", "迟到天数95分位"),
        ("late", f"超过{late_days}天的行数"),
        ("share", f"超过{late_days}天占比"),
    )
    sql = f"""SELECT table_name, fixmedins_code, month, count(*) AS lines,
        quantile_disc(known - day, 0.5) AS median, quantile_disc(known - day, 0.95) AS p95,
        count(*) FILTER (known - day > {int(late_days)}) AS late,
        round(count(*) FILTER (known - day > {int(late_days)}) / count(*), 4) AS share
        FROM ({_months()}) u WHERE day IS NOT NULL GROUP BY ALL"""
    return (
        "lateness",
        "及时性",
        "费用发生、结算或入院到数据产生（无产生时间的，到数据更新或到达）的天数。",
        columns,
        sql,
    )


def _settlements() -> _Declared:
    columns = (
        *_PLACE,
        ("settlements", "结算单数"),
        ("online", "联网结算单数"),
        ("cross_region", "异地参保结算单数"),
        ("without_lines", "无明细的结算单数"),
        ("different", "明细合计与总额不符的结算单数"),
        ("settled_fen", "结算总额"),
        ("lines_fen", "明细合计"),
        ("share", "明细占结算总额"),
        ("unsettled_lines", "无结算单的明细行数"),
        ("unsettled_fen", "无结算单的明细金额"),
    )
    sql = """SELECT coalesce(s.fixmedins_code, u.fixmedins_code) AS fixmedins_code, coalesce(s.month, u.month) AS month,
        s.settlements, s.online, s.cross_region, s.without_lines, s.different, s.settled_fen, s.lines_fen,
        CASE WHEN s.settled_fen <> 0 THEN round(s.lines_fen / s.settled_fen, 4) END AS share,
        coalesce(u.lines, 0) AS unsettled_lines, coalesce(u.fen, 0) AS unsettled_fen
        FROM (SELECT s.fixmedins_code, strftime(s.setl_time, '%Y%m') AS month, count(*) AS settlements,
                count(*) FILTER (s.setl_type = '2') AS online,
                count(*) FILTER (left(s.insu_admdvs, 4) <> left(s.fix_blng_admdvs, 4)) AS cross_region,
                count(*) FILTER (l.setl_id IS NULL) AS without_lines,
                count(*) FILTER (l.fen <> s.medfee_sumamt) AS different,
                sum(s.medfee_sumamt)::BIGINT AS settled_fen, coalesce(sum(l.fen), 0)::BIGINT AS lines_fen
              FROM setl_d s LEFT JOIN (SELECT setl_id, sum(det_item_fee_sumamt)::BIGINT AS fen FROM fee_list_d
                WHERE setl_id IS NOT NULL GROUP BY setl_id) l ON l.setl_id = s.setl_id GROUP BY ALL) s
        FULL JOIN (SELECT f.fixmedins_code, strftime(f.fee_ocur_time, '%Y%m') AS month, count(*) AS lines,
                sum(f.det_item_fee_sumamt)::BIGINT AS fen FROM fee_list_d f
              WHERE NOT EXISTS (SELECT 1 FROM setl_d s WHERE s.setl_id = f.setl_id) GROUP BY ALL) u
          ON u.fixmedins_code = s.fixmedins_code AND u.month = s.month"""
    note = "结算单与费用明细互相核对：总额是否相等，有无缺明细的结算单和缺结算单的明细。"
    return "settlements", "与结算总额核对", note, columns, sql


def _gaps() -> _Declared:
    columns = (
        *_TABLE[:2],
        ("since", "首次上传月份"),
        ("until", "全部机构最近上传月份"),
        ("missing", "漏传月数"),
        ("months", "漏传月份"),
    )
    sql = f"""WITH seen AS (SELECT DISTINCT table_name, fixmedins_code, month FROM ({_months()}) u
            WHERE month IS NOT NULL AND fixmedins_code IS NOT NULL),
        span AS (SELECT table_name, min(month) AS first, max(month) AS last FROM seen GROUP BY table_name),
        calendar AS (SELECT table_name, last, strftime(unnest(generate_series(strptime(first, '%Y%m'),
            strptime(last, '%Y%m'), INTERVAL 1 MONTH)), '%Y%m') AS month FROM span),
        begun AS (SELECT table_name, fixmedins_code, min(month) AS since FROM seen GROUP BY ALL)
        SELECT b.table_name, b.fixmedins_code, b.since, c.last AS until, count(*) AS missing,
            string_agg(c.month, '、' ORDER BY c.month) AS months
        FROM begun b JOIN calendar c ON c.table_name = b.table_name AND c.month > b.since
        WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.table_name = b.table_name
            AND s.fixmedins_code = b.fixmedins_code AND s.month = c.month) GROUP BY ALL"""
    return "gaps", "漏传", "机构首次上传之后，没有任何数据的月份。", columns, sql


def write_excel(report: QualityReport, path: Path) -> None:
    """One sheet a section, more where a section is longer than a sheet. Text is written as text, never as a formula."""
    import xlsxwriter  # takes a fifth of a second, and only a report needs it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        yuan = book.add_format({"num_format": "#,##0.00"})
        for section in report.sections.values():
            rows = section.rows
            for part, begin in enumerate(range(0, max(rows.num_rows, 1), EXCEL_ROWS)):
                sheet = book.add_worksheet(section.title if part == 0 else f"{section.title}{part + 1}")
                sheet.freeze_panes(1, 0)
                sheet.set_column(0, len(section.columns) - 1, 18)
                for column, (name, title) in enumerate(section.columns):
                    sheet.write_string(0, column, f"{title}（元）" if name.endswith("_fen") else title, head)
                for line, row in enumerate(rows.slice(begin, EXCEL_ROWS).to_pylist(), 1):
                    _write_row(sheet, line, row, yuan)


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, row: dict[str, object], yuan: xlsxwriter.format.Format
) -> None:
    for column, (name, value) in enumerate(row.items()):
        if isinstance(value, str):
            sheet.write_string(line, column, value)
        elif isinstance(value, int | float):
            fen = name.endswith("_fen")
            sheet.write_number(line, column, value / 100 if fen else value, yuan if fen else None)
