"""Acts that the ledger knows, with the words shown for them. A step with an unknown act is refused."""

from __future__ import annotations

ACTS = {
    "account.sign_in": "登录",
    "account.sign_out": "退出登录",
    "account.change_password": "修改密码",
    "identity.open": "查看个人信息明文",
    "job.start": "提交后台任务",
    "job.cancel": "取消后台任务",
}

OBJECTS = {"account": "账号", "job": "后台任务", "person": "参保人", "practitioner": "医务人员"}
