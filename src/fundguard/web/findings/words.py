"""Words for the codes that the pages of findings show. Codes not listed are shown as they are."""

from __future__ import annotations

LEVELS = {"3": "三级", "2": "二级", "1": "一级及以下"}
INSURANCE = {
    "310": "职工基本医疗保险",
    "320": "公务员医疗补助",
    "330": "大额医疗费用补助",
    "340": "离休人员医疗保障",
    "350": "残疾军人医疗补助",
    "390": "城乡居民基本医疗保险",
    "410": "长期护理保险",
    "510": "生育保险",
}
#: Medical category by its first two digits.
VISITS = {
    "11": "普通门诊",
    "12": "门诊挂号",
    "13": "急诊",
    "14": "门诊慢特病",
    "15": "门诊特药",
    "16": "中医特色门诊",
    "21": "普通住院",
    "22": "外伤住院",
    "23": "转外就医住院",
    "24": "急诊转住院",
    "25": "异地住院",
    "26": "单病种住院",
    "27": "自主就医住院",
    "28": "日间手术",
    "41": "定点药店购药",
    "51": "生育门诊",
    "52": "生育住院",
    "81": "意外伤害门诊",
}
LISTS = {
    "101": "西药、中成药",
    "102": "中药饮片",
    "103": "自制剂",
    "104": "民族药",
    "201": "医疗服务项目",
    "301": "医用耗材",
}
PAID_BY_ITEM = "01"
TABLES = {
    "fee_list_d": "费用明细",
    "mdtrt_d": "就诊",
    "setl_d": "结算",
    "setl_diag_list_d": "诊断",
    "oprninfo": "手术操作",
    "drord_d": "医嘱",
    "psn_info_b": "人员信息",
    "stock_count_3501": "盘存",
    "stock_change_3502": "库存变更",
    "purchase_3503": "采购",
    "purchase_return_3504": "采购退货",
    "sale_3505": "销售",
    "sale_return_3506": "销售退货",
    "drugtracinfo": "追溯码",
}


def visit(med_type: str | None) -> str:
    """A medical category in words, local extensions by their first two digits."""
    return VISITS.get((med_type or "")[:2], med_type or "")
