"""Pages for what cannot be done: what, where, seen, remedy, in Chinese, without personal data."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.errors import Refusal

_FAMILIAR = {
    400: ("请求内容有误", "浏览器提交的内容不完整或格式不对", "请返回上一页，核对填写内容后重新提交。"),
    403: (
        "您没有权限查看此页",
        "当前岗位没有被授予这项权限",
        "请换用有权限的账号；确需使用的，请本单位系统管理员调整岗位。",
    ),
    404: ("没有找到这个页面", "地址有误，或者内容不在您的管辖范围内", "请从左侧菜单重新进入。"),
    500: (
        "系统处理出错",
        "服务器遇到未预料的情况，本次操作没有生效",
        "请稍后重试；仍然出错的，请把出错时间告知系统管理员。",
    ),
}


def refuse(  # noqa: PLR0913 (the four parts)
    request: HttpRequest, *, status: int, what: str, remedy: str, where: str = "", seen: str = ""
) -> HttpResponse:
    """A page with the four parts of a refusal."""
    page = {"title": what, "status": status, "what": what, "where": where, "seen": seen, "remedy": remedy}
    return render(request, "core/refusal.html", page, status=status)


def _familiar(status: int) -> Callable[..., HttpResponse]:
    what, seen, remedy = _FAMILIAR[status]

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return refuse(request, status=status, what=what, where=request.path, seen=seen, remedy=remedy)

    return handler


bad_request, forbidden, not_found = _familiar(400), _familiar(403), _familiar(404)


def broken(request: HttpRequest) -> HttpResponse:
    """A page for an unforeseen fault: it reads nothing, because the database may be what is broken."""
    what, seen, remedy = _FAMILIAR[500]
    page = {"title": what, "status": 500, "what": what, "seen": seen, "remedy": remedy}
    return render(None, "core/broken.html", page, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or was sent from another site."""
    return refuse(
        request,
        status=403,
        what="表单已失效，没有提交",
        seen="页面停留过久、重新登录过，或请求来自其他网站",
        remedy="请返回上一页，刷新后重新填写提交。",
    )


class RefusalPages:
    """Shows a `Refusal` raised anywhere in a view as a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        parts = {"what": exception.what, "where": exception.where, "seen": exception.seen, "remedy": exception.remedy}
        return refuse(request, status=400, **parts)
