"""Error pages and refusals: always the same four parts, in Chinese, never personal data.

A request of htmx gets only the box with the four parts, because htmx 4 puts the body of an error answer into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fundguard.errors import Refusal
from fundguard.web.accounts.grounds import AccessRefusal, no_access
from fundguard.web.core.uploads import TooLarge


def refused(request: HttpRequest, refusal: Refusal, *, status: int = 422, title: str = "无法办理") -> HttpResponse:
    """The page of a refusal; `status` 422 where the input is at fault."""
    name = "core/refusal.html" if request.headers.get("HX-Request") else "core/error.html"
    return render(request, name, {"refusal": refusal, "title": title, "status": status}, status=status)


class RefusalMiddleware:
    """A view may let a Refusal pass: the user sees its four parts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, AccessRefusal):
            return refused(request, exception, status=403)
        return refused(request, exception) if isinstance(exception, Refusal) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TooLarge):
        refusal = Refusal(
            f"文件超过 {exception.limit} MB，没有接收。",
            where="上传的文件",
            remedy="请压缩、拆分或者分几次上传；扫描件可降低分辨率。",
        )
        return refused(request, refusal, status=400, title="文件过大")
    refusal = Refusal(
        "提交的内容不符合要求，系统未作任何改动。",
        where="当前请求",
        remedy="请返回上一页重新填写；如反复出现，请联系系统管理员。",
    )
    return refused(request, refusal, status=400, title="请求有误")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The guard raises PermissionDenied with the name of the permission that is missing."""
    missing = str(exception)
    refusal = no_access("A01", where="当前页面", seen=f"缺少权限“{missing}”" if missing else "")
    return refused(request, refusal, status=403, title="没有权限")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says the same for what does not exist and for what the viewer may not know of."""
    refusal = Refusal(
        "没有找到该页面或记录。",
        where="当前地址",
        seen="地址有误，或记录不在您的管辖范围内",
        remedy="请核对地址，或从左侧菜单重新进入。",
    )
    return refused(request, refusal, status=404, title="页面不存在")


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A form sent more often than a person would."""
    refusal = Refusal("提交过于频繁，本次没有处理。", where="当前页面", remedy="请稍候一分钟再试。")
    return refused(request, refusal, status=429, title="提交过于频繁")


def server_error(request: HttpRequest) -> HttpResponse:
    """Told while the error is at hand: a database that is away comes back, and nothing of the step was kept."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return _unavailable(request)
    refusal = Refusal(
        "系统内部出现故障，本次操作没有完成。",
        where="服务器",
        remedy="请稍后重试；如仍出现，请将发生时间告知系统管理员，由其查看运行日志。",
    )
    return refused(request, refusal, status=500, title="系统故障")


def _unavailable(request: HttpRequest) -> HttpResponse:
    refusal = Refusal(
        "数据库暂时无法连接，本次操作没有完成，系统未作任何改动。",
        where="数据库",
        remedy="请稍后重新打开页面再试；如持续出现，请将发生时间告知系统管理员。",
    )
    answer = refused(request, refusal, status=503, title="暂时无法办理")
    answer["Retry-After"] = "30"
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    refusal = Refusal(
        "页面已过期，本次提交没有生效。", where="表单校验", remedy="请刷新页面后重新提交；请勿禁用浏览器的 Cookie。"
    )
    return refused(request, refusal, status=403, title="页面已过期")
