"""Files that people hand in, and the way from one to a published version."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fundguard.web.knowledge_base import services
from fundguard.web.knowledge_base.reading import Asked
from tests.knowledge.books import GOOD, book

WHY = "按公布的批次更新，已核对原文"
DAY = dt.date(2026, 12, 1)


def asked(**other) -> Asked:
    told = {"form": "official", "region": "990100", "batch": "LOCAL-1", "valid_from": DAY, "rule_code": "N10"}
    return Asked(**told | other)


@pytest.fixture
def workbook(tmp_path):
    """`workbook(sheets)` is the upload of a workbook in the official form."""

    def made(sheets=GOOD) -> SimpleUploadedFile:
        return SimpleUploadedFile("批次.xlsx", book(tmp_path / "upload.xlsx", sheets).read_bytes())

    return made


@pytest.fixture
def handed_in(data, viewer, workbook):
    """`handed_in()` is a proposal of the city's chief."""

    def hand_in(sheets=GOOD, **other):
        return services.hand_in(viewer("chief"), workbook(sheets), asked(**other), "支付疗程更新", WHY)

    return hand_in


@pytest.fixture
def published(handed_in, viewer):
    """`published()` is a version that two people signed and the chief published."""

    def publish(*given, **other):
        one = handed_in(*given, **other)
        for username in ("knowledge1", "knowledge2"):
            services.sign(viewer(username), one.pk, "已核对")
        return services.publish(viewer("chief"), one.pk)

    return publish
