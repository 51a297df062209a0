"""Before anything is served: every declared workflow is sound, and everything it names is wired to something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from fundguard.web.accounts.roles import POSTS_HELD
from fundguard.web.desk import services
from fundguard.workflows.faults import faults
from fundguard.workflows.kernel import FACTS
from fundguard.workflows.posts import POSTS
from fundguard.workflows.regions import VARIANTS


@register()
def workflows(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [Error(f"办理流程的声明或接通有误：{told}", id="desk.E001") for told in _wrong()]


def _wrong() -> Iterator[str]:
    from fundguard.web import wiring  # late: it brings in every application

    held = frozenset().union(*POSTS_HELD.values()) | {code for code, post in POSTS.items() if post.side == "machine"}
    for (name, region), flow in VARIANTS.items():
        where = f"{name} {region or '全国'}"
        yield from (f"{where} {fault.where} {fault.text}" for fault in faults(flow))
        yield from (f"{where} 没有接通 {effect}" for effect in sorted(set(flow.effects) - set(services.wired())))
        posts = {post for step in flow.steps for post in (*step.by, *step.also)}
        yield from (f"{where} 没有角色承担 {post}" for post in sorted(posts - held))
    yield from (f"没有接通条件 {fact}" for fact in sorted(set(FACTS) - set(wiring.FACTS)))
