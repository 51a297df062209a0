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
from fundguard.web import keys, serve
from fundguard.web.settings.database import postgres

PRODUCTION = {"FUNDGUARD_SECRET": secrets.token_urlsafe(64), "FUNDGUARD_HOSTS": "fundguard.example"}


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
    answer = django("production", tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize(
    ("profile", "environment", "told"),
    [
        ("production", PRODUCTION | {"FUNDGUARD_SECRET": "short"}, "FUNDGUARD_SECRET"),
        ("production", PRODUCTION | {"FUNDGUARD_HOSTS": ""}, "FUNDGUARD_HOSTS"),
        ("production", PRODUCTION | {"FUNDGUARD_DATABASE": "mysql://a/b"}, "postgres://"),
        ("demo", {"FUNDGUARD_DATABASE": "postgres://a/b"}, "演示模式"),
    ],
)
def test_a_profile_says_what_is_missing_or_forbidden(tmp_path, profile, environment, told):
    answer = django(profile, tmp_path, "check", **environment)
    assert answer.returncode != 0
    assert told in answer.stderr


def test_the_demonstration_fails_the_deployment_check(tmp_path):
    assert django("demo", tmp_path, "check", "--deploy", "--fail-level", "WARNING").returncode != 0


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_demonstration_accounts_are_refused_outside_the_demonstration(db):
    with pytest.raises(Exception, match="演示模式"):
        call_command("seed_demo")


def test_a_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    first = keys.key_file(tmp_path / "keys", "site")
    assert first == keys.key_file(tmp_path / "keys", "site")
    assert first != keys.key_file(tmp_path / "keys", "ledger")
    assert (tmp_path / "keys" / "site.key").stat().st_mode & 0o777 == 0o600


def test_a_database_address_is_read_whole():
    told = postgres("postgres://fund:p%40ss@db.example:5433/guard")
    assert [told[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "guard",
        "fund",
        "p@ss",
        "db.example",
        "5433",
    ]


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
