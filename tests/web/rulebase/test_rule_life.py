"""The life of a rule: drafted, replayed, tried, published by two people, run, rolled back, retired."""

from __future__ import annotations

import json
from dataclasses import replace

import duckdb
import pytest

from fundguard import law
from fundguard.errors import Refusal
from fundguard.rules import catalogue
from fundguard.web.findings.models import Finding
from fundguard.web.ledger.models import Entry
from fundguard.web.recall import services as recall
from fundguard.web.rulebase import in_force, selectors, services, trying
from fundguard.web.rulebase.models import Placement, Version, WhatIf
from fundguard.web.rulebase.services import Asked
from fundguard.web.runs.models import Run
from tests.web import small_claims
from tests.web.rulebase.conftest import CITY, REASON

pytestmark = pytest.mark.django_db


def told(run: Run) -> dict[str, object]:
    return json.loads((run.path / "run.json").read_text("utf-8"))["rules"].get("N67", {})


def findings() -> int:
    return Finding.objects.exclude(state="withdrawn").count()


def test_a_version_is_replayed_published_by_two_people_run_and_rolled_back(
    run_again, narrower, replayed, placed, viewer
):
    run_again()
    assert findings() == 3
    version = narrower()
    assert (version.number, version.rule_code, version.region) == (2, "N67", CITY)
    replay = replayed(version)
    total = replay.told["total"]
    assert (replay.job.error, total["as_is"]["findings"], total["changed"]["findings"]) == ({}, 3, 1)
    assert total["moved"]["不再命中"]["findings"] == 2
    assert findings() == 3  # nothing published was touched
    placed(version, "publish")
    assert told(Run.objects.latest("pk"))["version"] == 1
    run_again()
    assert told(Run.objects.latest("pk"))["version"] == 2
    assert findings() == 1
    assert recall.drafted(recall.Asked("N67", CITY)).rule_version == 2
    back = placed(Version.objects.get(rule_code="N67", number=1), "publish")
    assert (back.back, back.act_said) == (True, "回退")
    run_again()
    assert (told(Run.objects.latest("pk"))["version"], findings()) == (1, 3)
    acts = Entry.objects.filter(object_kind="规则状态").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["提请发布规则", "同意发布规则", "提请回退规则", "同意回退规则"]
    held = {one.code: one for one in selectors.lines(viewer("chief"))}["N67"]
    assert (held.version, held.latest, held.state) == (1, 2, "已发布")


def test_who_wrote_or_proposed_does_not_decide(run_again, narrower, replayed, viewer):
    version = narrower()
    replayed(version)
    by_other = services.propose(viewer("knowledge2"), Asked(version, "publish", CITY), REASON)
    for name in ("knowledge1", "knowledge2"):  # the author, the proposer
        with pytest.raises(Refusal, match="不能审批"):
            services.decide(viewer(name), by_other.pk, confirm=True, opinion="")
    with pytest.raises(Refusal, match="待审批"):
        services.propose(viewer("knowledge1"), Asked(version, "trial", CITY), REASON)
    made = services.decide(viewer("chief"), by_other.pk, confirm=True, opinion="")
    assert made.outcome == Placement.Outcome.CONFIRMED
    with pytest.raises(Refusal, match="审批过"):
        services.decide(viewer("chief"), by_other.pk, confirm=True, opinion="")


def test_what_was_not_replayed_or_brings_back_what_people_rejected_is_barred(
    run_again, narrower, replayed, viewer, monkeypatch
):
    run_again()
    version = narrower()
    with pytest.raises(Refusal, match="没有在全部历史数据上回放"):
        services.propose(viewer("knowledge1"), Asked(version, "publish", CITY), REASON)
    (own,) = Finding.objects.filter(fixmedins_code=small_claims.DONGHU)
    lost = Finding.objects.filter(fixmedins_code=small_claims.YUNLING).first()
    monkeypatch.setattr(trying, "determined", lambda codes, regions: {own.pk: True, lost.pk: False})
    assert not replayed(version).blocked
    monkeypatch.setattr(trying, "determined", lambda codes, regions: {own.pk: True, lost.pk: True})
    assert replayed(version).blocked
    with pytest.raises(Refusal, match="回放不通过") as refused:
        services.propose(viewer("knowledge1"), Asked(version, "publish", CITY), REASON)
    assert "漏掉已认定成立的 1 条" in refused.value.seen


def test_a_trial_runs_apart_after_each_run_and_enters_no_queue(run_again, narrower, placed, signed_in):
    version = narrower(verdict="可疑")
    placed(version, "trial")
    assert [one.version for one in in_force.trials()] == [version]
    run_again()
    shadow = WhatIf.objects.get(kind="trial")
    assert (shadow.job.error, shadow.created_by) == ({}, None)
    assert (shadow.told["total"]["as_is"]["findings"], shadow.told["total"]["changed"]["findings"]) == (3, 1)
    assert {one.rule_version for one in Finding.objects.all()} == {1}
    runs = {path.name for path in Run.objects.get().path.parent.iterdir()}
    assert shadow.folder not in runs
    assert signed_in("hospital").get(f"/rulebase/what-ifs/{shadow.pk}/").status_code == 403
    placed(version, "end_trial")
    assert in_force.trials() == []


def test_a_rule_for_a_group_of_institutions_a_county_and_retired(run_again, narrower, placed, replayed, viewer):
    version = narrower("H00000000000")
    replayed(version)
    asked = Asked(version, "publish", CITY, (small_claims.DONGHU,))
    with pytest.raises(Refusal, match="不能只对部分机构"):
        services.propose(viewer("knowledge1"), asked, REASON)
    placed(version, "retire")
    assert [rule.code for rule in in_force.rules_in_force(["N67"])("990101")] == []
    assert [rule.version for rule in in_force.rules_in_force(["N67"])("990201")] == [1]  # another city's
    placed(version, "publish", institutions=(small_claims.DONGHU,))
    run_again()
    assert {one.fixmedins_code for one in Finding.objects.all()} == {small_claims.DONGHU}
    placed(version, "retire", "990102")
    assert in_force.rules_in_force(["N67"])("990102") == ()
    assert [rule.version for rule in in_force.rules_in_force(["N67"])("990101")] == [2]


def test_versions_of_two_counties_run_side_by_side(run_again, narrower, placed, replayed):
    version = narrower(small_claims.DONGHU)
    replayed(version)
    placed(version, "publish", "990102")
    run_again()
    rule = told(Run.objects.latest("pk"))
    assert {one["version"]: one["regions"] for one in rule["versions"]} == {1: ["990101"], 2: ["990102"]}
    found = f"'{Run.objects.latest('pk').path / 'findings.parquet'}'"
    assert duckdb.sql(f"SELECT DISTINCT region, rule_version FROM {found}").fetchall() == [("990101", 1)]


def test_an_article_that_has_expired_turns_the_rule_amber(narrower, viewer, monkeypatch, signed_in):
    version = narrower()
    article = replace(law.article(version.data["article"]), in_force_to=law.article("条例:2").in_force_from)
    monkeypatch.setattr(law, "article", lambda ref: article)
    line = next(one for one in selectors.lines(viewer("chief")) if one.code == "N67")
    assert "失效" in line.amber
    with pytest.raises(Refusal, match="失效"):
        services.propose(viewer("knowledge1"), Asked(version, "trial", CITY), REASON)
    assert "失效" in signed_in("knowledge1").get("/rulebase/rules/N67/").content.decode()


def test_what_ships_changed_is_kept_as_a_version_of_its_own(narrower, monkeypatch):
    narrower()
    shipped = catalogue.load()["N67"]
    renewed = dict(catalogue.load()) | {"N67": replace(shipped, message="改过的提示", content_hash="f" * 32)}
    monkeypatch.setattr(catalogue, "load", lambda: renewed)
    in_force.rules_for_run()
    in_force.rules_for_run()
    kept = Version.objects.filter(rule_code="N67", origin="shipped").order_by("number")
    assert [one.number for one in kept] == [1, 3]
    assert [rule.version for rule in in_force.rules_in_force(["N67"])("990101")] == [3]


def test_a_region_out_of_reach_and_a_second_word_are_refused(narrower, viewer, signed_in):
    version = narrower()
    with pytest.raises(Refusal, match="管理范围"):
        services.propose(viewer("knowledge1"), Asked(version, "retire", "990200"), REASON)
    with pytest.raises(Refusal, match="理由"):
        services.propose(viewer("knowledge1"), Asked(version, "retire", CITY), "短")
    assert signed_in("reviewer1").get("/rulebase/").status_code == 403
    assert signed_in("head").post("/rulebase/rules/N67/propose/").status_code == 403
