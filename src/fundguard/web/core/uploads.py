"""Uploads go to a temporary file, never into memory, and stop at the limit before they fill the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUpload(TemporaryFileUploadHandler):
    """Refuses a request that announces more than `UPLOAD_LIMIT_MB` before any of it is read."""

    def handle_raw_input(self, input_data: Any, META: dict[str, Any], content_length: int, *args: Any) -> None:
        # Borders and fields of the form come on top of the files: the form itself checks the exact sum.
        if content_length > (settings.UPLOAD_LIMIT_MB + 1) << 20:
            raise RequestDataTooBig("upload limit")
