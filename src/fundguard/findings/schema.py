"""The columns of a run's three Parquet files, and the closed lists their values come from.

Money is in fen, days are dates, versions of evidence are the `row_hash` of the row that was read.
"""

from __future__ import annotations

#: Strongest first. A finding's verdict is never stronger than its rule's, its rule's limit, or its evidence.
VERDICTS = ("明确违规", "可疑", "统计", "线索")

SUSPECTED, CODING, ENTRY, DEFAULT, OPEN = "疑似违规", "编码错误", "录入错误", "默认值", "待核"
CAUSES = (SUSPECTED, CODING, ENTRY, DEFAULT, OPEN)

SUBJECTS = {
    "line": "费用明细",
    "encounter": "就诊",
    "person": "参保人",
    "practitioner": "医师",
    "institution_period": "机构与期间",
    "item_stock_period": "机构、品种与期间",
    "operator": "经办人员",
}
#: Minutes that a first review of such a subject takes. Starting values, not measured.
REVIEW_MINUTES = dict(zip(SUBJECTS, (6, 12, 20, 30, 30, 30, 20), strict=True))
ROLES = {"accused": "违规项", "related": "涉及项"}

FINDINGS = {
    "finding_key": "VARCHAR",
    "finding_id": "VARCHAR",
    "rule_code": "VARCHAR",
    "rule_version": "INTEGER",
    "knowledge_version": "VARCHAR",
    "verdict": "VARCHAR",
    "subject_kind": "VARCHAR",
    "subject_id": "VARCHAR",
    "region": "VARCHAR",  # fix_blng_admdvs of the place of treatment
    "occurred_from": "DATE",
    "occurred_to": "DATE",
    "amount_fen": "BIGINT",  # violation amount, in scope
    "fund_amount_fen": "BIGINT",  # fund loss; NULL is 损失待核
    "counted_fen": "BIGINT",  # share of amount_fen that belongs to this finding alone: sums use it
    "message": "VARCHAR",
    "cause": "VARCHAR",
    "run_id": "VARCHAR",
    "setl_id": "VARCHAR",
    "mdtrt_id": "VARCHAR",
    "psn_key": "VARCHAR",
    "fixmedins_code": "VARCHAR",
    "dr_code": "VARCHAR",
}

EVIDENCE = {
    "finding_id": "VARCHAR",
    "ref_table": "VARCHAR",
    "ref_key": "VARCHAR",  # parts of a longer natural key joined by |
    "ref_version": "BIGINT",  # row_hash of the version read
    "role": "VARCHAR",
    "amount_fen": "BIGINT",
    "seen": "VARCHAR",
    "point": "VARCHAR",  # knowledge points, joined by comma
}

NOT_EVALUATED = {
    "rule_code": "VARCHAR",
    "field": "VARCHAR",
    "fixmedins_code": "VARCHAR",
    "month": "VARCHAR",  # yyyymm
    "count": "BIGINT",
    "ref_table": "VARCHAR",  # with ref_key: only where the group is small enough to be listed singly
    "ref_key": "VARCHAR",
}
