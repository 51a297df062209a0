"""What users call the national tables."""

from __future__ import annotations

TITLES = {
    "setl_d": "结算",
    "mdtrt_d": "就诊",
    "fee_list_d": "费用明细",
    "setl_diag_list_d": "诊断",
    "oprninfo": "手术操作",
    "drord_d": "医嘱",
    "fixmedins_b": "定点医药机构",
    "medins_info_b": "医疗机构",
    "rtal_phac_b": "零售药店",
    "fixmedins_cntr_reg_d": "协议",
    "dr_info_b": "医师",
    "psn_info_b": "人员",
    "psn_insu_d": "参保",
    "opsp_reg_d": "门诊慢特病登记",
    "out_appy_d": "转诊转院",
    "stock_count_3501": "库存盘点",
    "stock_change_3502": "库存变更",
    "purchase_3503": "采购",
    "purchase_return_3504": "采购退货",
    "sale_3505": "销售",
    "sale_return_3506": "销售退货",
    "drugtracinfo": "追溯码",
}


def titled(table: str) -> str:
    return f"{TITLES[table]} {table}" if table in TITLES else table
