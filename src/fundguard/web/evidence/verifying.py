"""Whether every attachment is what it was: the file against its hash, the hash against the row of the ledger."""

from __future__ import annotations

from fundguard.errors import Refusal
from fundguard.web.evidence import keeping
from fundguard.web.evidence.models import Attachment
from fundguard.web.evidence.selectors import LEDGER_KIND
from fundguard.web.ledger.models import Entry
from fundguard.web.ledger.verifying import Checked


def verify() -> Checked:
    """Reads every file once; withdrawn ones too."""
    entries = Entry.objects.filter(object_kind=LEDGER_KIND, act="上传附件").values_list("detail", flat=True)
    proven = {detail["附件"]: detail["保存散列"] for detail in entries.iterator(chunk_size=2000)}
    faults, count = [], 0
    for one in Attachment.objects.order_by("pk").iterator(chunk_size=2000):
        count += 1
        if proven.get(one.number) != one.sha256:
            faults.append((one.number, "登记的散列与台账不符"))
        try:
            keeping.read(one.sha256)
        except Refusal as refusal:
            faults.append((one.number, refusal.seen or refusal.what))
    return Checked(count, tuple(faults))
