"""A small whole site: people, an import and a run of the small claims, one finding taken as far as the money back.

As a program it makes the site of FUNDGUARD_DATA: `python -m tests.web.made_site`. With a backup's path it also leaves
that backup: so were the sites of `tests/web/sites` made, by the version that their manifest names.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import django

WORDS = "eine lange Reihe von Worten"
JUDGED = {"grounds": "事实清楚", "articles": ["条例:13"]}


def make() -> None:
    """Everything a site keeps: store, run, findings, steps, papers, the recovery book, a sealed ledger."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from fundguard.audit.batch import audit
    from fundguard.claims.intake import import_path
    from fundguard.web.accounts.services import seed_demo
    from fundguard.web.core import store
    from fundguard.web.ledger.sealing import seal
    from fundguard.web.wiring import AFTER_RUN
    from tests.web import small_claims

    seed_demo()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in small_claims.files().items():
            (Path(folder) / name).write_bytes(content)
        import_path(Path(folder), settings.STORE)
    audit(store.opened(), settings.RUNS / "first")
    for effect in AFTER_RUN:
        effect(settings.RUNS / "first")
    _money_back()
    seal()


def _money_back() -> None:
    """The first finding of one settlement at the hospital, from its review to a payment."""
    from fundguard.web.accounts.guard import Viewer
    from fundguard.web.accounts.models import User
    from fundguard.web.desk.models import StateRow
    from fundguard.web.desk.services import take
    from fundguard.web.findings.models import Finding
    from tests.web import small_claims

    User.objects.filter(username="hospital").update(institutions=small_claims.YUNLING)
    chosen = Finding.objects.filter(fixmedins_code=small_claims.YUNLING).order_by("pk")[0]
    fen = StateRow.objects.get(object_id=chosen.pk).amount_fen
    lines = sorted(StateRow.objects.get(object_id=chosen.pk).lines)
    for username, verb, papers in (
        ("reviewer1", "uphold", {"opinion": "性别不符"}),
        ("confirmer", "confirm", {"opinion": "同意初审意见"}),
        ("confirmer", "notify", {"notice": "GZ-1"}),
        ("hospital", "object", {"objection_statement": "病历中有说明", "lines": lines}),
        ("verifier", "start_verification", {}),
        ("verifier", "report_verification", {"verification_report": "核1"}),
        ("agreement", "determine", JUDGED | {"amount": fen}),
        ("agreement", "recover", {"agreement_clause": "第十二条", "agreement_notice": "协1"}),
        ("settlement1", "record_payment", {"receipt": "回单1"}),
    ):
        viewer = Viewer(User.objects.select_related("region").get(username=username))
        take(viewer, chosen.pk, verb, papers, StateRow.objects.get(object_id=chosen.pk).version)


if __name__ == "__main__":
    django.setup()
    make()
    if target := sys.argv[1:]:
        from fundguard.web.backup.services import backup

        backup(Path(os.environ["FUNDGUARD_DATA"]), Path(target[0]))
