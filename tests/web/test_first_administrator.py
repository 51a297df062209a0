"""The first administrator comes from the command line; the password is typed or stands in the environment."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from fundguard import cli
from fundguard.web.accounts.management.commands import create_admin
from fundguard.web.accounts.models import Region, User
from fundguard.web.ledger.models import Entry

PASSWORD = "竹外桃花三两枝-2026"
TOLD = ("guan", "测管", "990000", "示例省")

pytestmark = pytest.mark.django_db


def run(*told: str) -> tuple[int, str]:
    """Exit code and what was said."""
    out = io.StringIO()
    try:
        call_command("create_admin", *told, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_first_administrator_may_sign_in_and_the_ledger_has_it(monkeypatch, client):
    monkeypatch.setenv("FUNDGUARD_ADMIN_PASSWORD", PASSWORD)
    code, said = run(*TOLD)
    assert (code, "已建立系统管理员 guan" in said, PASSWORD in said) == (0, True, False)
    user = User.objects.get()
    assert (user.role, user.region.code, user.region.is_root()) == ("administrator", "990000", True)
    assert user.check_password(PASSWORD)
    assert Entry.objects.get().act == "建立首个系统管理员"


@pytest.mark.parametrize(
    ("told", "password", "says"),
    [
        (TOLD, "12345678", "口令不合要求"),
        (("guan", "测管", "990000", ""), PASSWORD, "区划还没有登记"),
        (("guan", "测管", "示例省", "示例省"), PASSWORD, "区划还没有登记"),
        (("guan", " ", "990000", "示例省"), PASSWORD, "不能为空"),
        (TOLD, "", "没有给出口令"),
    ],
)
def test_what_is_missing_or_weak_is_refused_and_leaves_nothing(monkeypatch, told, password, says):
    monkeypatch.setenv("FUNDGUARD_ADMIN_PASSWORD", password)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, said = run(*told)
    assert (code != 0, says in said) == (True, True)
    assert not User.objects.exists()
    assert not Region.objects.exists()


def test_there_is_no_second_first_administrator(monkeypatch, people):
    monkeypatch.setenv("FUNDGUARD_ADMIN_PASSWORD", PASSWORD)
    code, said = run("guan", "测管", "990000", "")
    assert (code, "已有系统管理员" in said) == (1, True)


def test_a_typed_password_must_be_typed_twice(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter([PASSWORD, "另一个口令-2026"])
    monkeypatch.delenv("FUNDGUARD_ADMIN_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(create_admin.getpass, "getpass", lambda words: next(typed))
    assert "两次输入的口令不同" in run(*TOLD)[1]


def test_the_command_line_takes_no_password(capsys):
    assert cli.main(["accounts", "create-admin", "--help"]) == 0
    help_text = capsys.readouterr().out
    assert "FUNDGUARD_ADMIN_PASSWORD" in help_text
    assert "--password" not in help_text
    assert cli.main(["accounts", "create-admin", "guan", "--name", "测", "--region", "1", "--password", "x"]) == 2
