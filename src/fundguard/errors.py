"""The one error a user may see: what is wrong, where, what was seen, what to do. Never personal data."""

from __future__ import annotations


class Refusal(Exception):
    """Work refused because of its input, told in four Chinese parts.

    `what` is the fault, `where` its place (file, record, field), `seen` the offending value or count
    (never a name, number or other identity), `remedy` what the user can do. The command line prints it
    and exits with `exit_code` (1: nothing was changed; 2: wrong use); a page shows the same four parts.
    """

    def __init__(self, what: str, *, where: str = "", seen: str = "", remedy: str, exit_code: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.seen = seen
        self.remedy = remedy
        self.exit_code = exit_code

    def __str__(self) -> str:
        parts = [("问题", self.what), ("位置", self.where), ("实际", self.seen), ("处理", self.remedy)]
        return "\n".join(f"{label}：{text}" for label, text in parts if text)
