"""Profiles refuse what they must not do, and models and migrations agree."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from fundguard.errors import Refusal
from fundguard.web import serve
from fundguard.web.settings.base import postgres

PRODUCTION = {
    "FUNDGUARD_SECRET": secrets.token_urlsafe(64),
    "FUNDGUARD_HOSTS": "fundguard.example",
    "FUNDGUARD_DATABASE": "postgres://fundguard@127.0.0.1/fundguard",
}


def django(profile: str, data: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FUNDGUARD", "DJANGO"))}
    variables = {"FUNDGUARD_DATA": str(data), "DJANGO_SETTINGS_MODULE": f"fundguard.web.settings.{profile}"}
    return subprocess.run(
        [sys.executable, "-m", "django", *command],
        env=inherited | variables | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_the_deployment_check(tmp_path):
    answer = django("production", tmp_path / "new", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def test_the_demonstration_fails_the_deployment_check(tmp_path):
    assert django("demo", tmp_path, "check", "--deploy", "--fail-level", "WARNING").returncode != 0


@pytest.mark.parametrize(
    ("profile", "environment", "told"),
    [
        ("production", PRODUCTION | {"FUNDGUARD_SECRET": ""}, "FUNDGUARD_SECRET"),
        ("production", PRODUCTION | {"FUNDGUARD_HOSTS": ""}, "FUNDGUARD_HOSTS"),
        ("demo", {"FUNDGUARD_DATABASE": "postgres://a/b"}, "演示模式"),
    ],
)
def test_a_profile_says_what_is_missing_or_forbidden(tmp_path, profile, environment, told):
    answer = django(profile, tmp_path, "check", **environment)
    assert answer.returncode != 0
    assert told in answer.stderr


def test_production_can_name_every_static_file(tmp_path):
    answer = django("production", tmp_path, "collectstatic", "--noinput", "-v", "0", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert list((tmp_path / "static").rglob("app.*.js"))


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_demonstration_accounts_are_refused_outside_the_demonstration(db):
    with pytest.raises(Exception, match="演示模式"):
        call_command("seed_demo")


def test_a_database_address_is_read_whole():
    told = postgres("postgres://fund:p%40ss@db.example:5433/guard")
    keys = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    assert [told[key] for key in keys] == ["guard", "fund", "p@ss", "db.example", "5433"]


def test_the_launcher_refuses_a_demonstration_that_others_can_reach(tmp_path):
    with pytest.raises(Refusal, match="本机") as refused:
        serve.serve(tmp_path, host="0.0.0.0", demo=True)
    assert refused.value.exit_code == 2


def test_the_launcher_refuses_a_taken_port_before_it_touches_anything(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Refusal, match="端口"):
            serve.serve(tmp_path / "data", port=taken.getsockname()[1], demo=True)
    assert not (tmp_path / "data").exists()


def test_a_demonstration_is_prepared_once_a_version_and_again_when_its_database_is_gone(tmp_path, monkeypatch):
    prepared = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        prepared.append(command[-1])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(serve.subprocess, "run", run)
    database = tmp_path / "app.sqlite3"
    for change in (lambda: None, database.touch, lambda: None, database.unlink):
        change()
        serve._prepare(tmp_path, True, {})
    assert prepared == ["seed_demo"] * 2
    monkeypatch.setattr(serve, "__version__", "next")
    database.touch()
    serve._prepare(tmp_path, True, {})
    serve._prepare(tmp_path, False, {})
    serve._prepare(tmp_path, False, {})
    assert prepared[2:] == ["seed_demo", "collectstatic --noinput", "collectstatic --noinput"]
