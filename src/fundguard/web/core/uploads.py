"""Uploads go to a temporary file, never into memory, and stop at the limit before they fill the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

#: Addresses that take data of `UPLOAD_LIMIT_MB`; every other one takes attachments.
LARGE = frozenset({"intake:upload", "foreign:receive", "knowledge_base:catalogue_import"})


class TooLarge(RequestDataTooBig):
    """`limit` in MB, of one file or of the whole form."""

    def __init__(self, limit: int) -> None:
        super().__init__("upload limit")
        self.limit = limit


class LimitedUpload(TemporaryFileUploadHandler):
    """Refuses a request that announces too much before any of it is read, and a file while it is read."""

    def handle_raw_input(self, input_data: Any, META: dict[str, Any], content_length: int, *args: Any) -> None:
        match = self.request.resolver_match
        large = match is not None and match.view_name in LARGE
        limit = settings.UPLOAD_LIMIT_MB if large else settings.ATTACHMENTS_AT_ONCE_MB
        # Borders and fields of the form come on top of the files: the form itself checks the exact sum.
        self.one_file = limit + 1 if large else settings.ATTACHMENT_LIMIT_MB
        if content_length > (limit + 1) << 20:
            raise TooLarge(limit)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > (self.one_file << 20):
            self.file.close()  # the parser closes only files that are whole
            raise TooLarge(self.one_file)
        super().receive_data_chunk(raw_data, start)
