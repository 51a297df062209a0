"""Two people at the same moment: the limit of a case file holds, and only one of two tables of papers is taken."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from fundguard.errors import Refusal
from fundguard.web.evidence import services
from fundguard.web.evidence.models import Attachment, LinePaper
from tests.web.desk.conftest import key_of, viewer
from tests.web.evidence import samples
from tests.web.evidence.conftest import upload

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at once need a server")
KIND = "处方或医嘱"


def together(*acts: Callable[[], object]) -> list[str]:
    gate = threading.Barrier(len(acts))
    said: list[str] = []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
            said.append("done")
        except Refusal as refusal:
            said.append(refusal.what)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_the_last_place_in_a_case_file_is_given_once(committed, transactional_db, found, files, settings):
    settings.FINDING_FILES = 1
    key, who = key_of("home"), [viewer("reviewer1"), viewer("confirmer")]
    received = [services.receive_all(one, key, [upload(samples.pdf())]) for one in who]
    told = together(
        *(lambda one=one, got=got: services.attach(one, key, got, KIND) for one, got in zip(who, received, strict=True))
    )
    assert (told, Attachment.objects.count()) == (["done", "案卷的附件已满"], 1)


def test_of_two_tables_of_papers_one_is_taken_and_the_other_told(committed, transactional_db, found, files):
    key = key_of("home")
    told = together(
        *(
            lambda one=one, state=state: services.mark(one, key, {("home-L1", KIND): state}, 0)
            for one, state in ((viewer("reviewer1"), "absent"), (viewer("confirmer"), "present"))
        )
    )
    assert (told, LinePaper.objects.count()) == (["done", "他人刚刚更新了材料情况，本次没有登记"], 1)
