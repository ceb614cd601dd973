"""A scenario resolves at a scale, with overrides, into conditions."""

from pathlib import Path

import pytest

from benchmark import Adam, Arms, Claim, Decreases, Jitter, Momentum, UserError
from benchmark.declare.effort import expected_seconds
from benchmark.store.results import Results
from helpers.declared import BASE, BATCH, EPOCHS, RATE, levels, scenario


def test_nothing_varies():
    resolved = scenario({}).resolve()
    assert [c.id for c in resolved.conditions] == [BASE.id]
    assert resolved.dose is None and resolved.axes == () and resolved.arms == ()


def test_a_condition_in_two_arms_is_stored_once_and_shown_twice(tmp_path: Path):
    arms = Arms({"batch": {BATCH: (8, 16)}, "rate": {RATE: (0.1, 0.2)}})
    resolved = scenario(arms, name="arms", seeds=2).resolve()
    assert resolved.arms == ("batch", "rate")
    assert [member.arm for member in resolved.members] == ["batch", "batch", "rate", "rate"]
    assert resolved.members[1].condition.id == resolved.members[2].condition.id == BASE.id
    assert len(resolved.conditions) == 3
    assert len(Results.at(resolved, tmp_path).all_blocks()) == 3
    shown = [resolved.settings(member)["arm"] for member in resolved.members]
    assert shown == ["batch", "batch", "rate", "rate"]
    assert "arm" not in resolved.settings(BASE)
    assert resolved.dose == BATCH and resolved.axes == (RATE, BATCH)


def test_mistakes_are_found_when_the_scenario_is_declared():
    with pytest.raises(UserError, match="Did you mean 'batch_size'"):
        scenario({"training.batchsize": (4,)})
    with pytest.raises(UserError, match="only 64 training samples"):
        scenario({BATCH: (4, 128)})
    with pytest.raises(UserError, match="A key of Scenario.scales is 'papre'"):
        scenario({}, scales={"papre": {}})
    with pytest.raises(UserError, match="Did you mean 'epochs'"):
        scenario({}, scales={"paper": {"training.epoch": 3}})
    claim = Claim("a", "b", Jitter("train_loss"), Decreases(BATCH))
    with pytest.raises(UserError, match="Two claims have the name 'a'"):
        scenario({}, claims=(claim, claim))
    with pytest.raises(UserError, match="Scenario.seeds is 1, but must be at least 2"):
        scenario({}, seeds=1)


def test_scales():
    declared = scenario(
        {BATCH: (4, 8)},
        seeds=4,
        scales={"paper": {"seeds": 9, EPOCHS: 7, "vary": {RATE: (0.1, 0.2, 0.3)}}},
    )
    quick, paper = declared.resolve(), declared.resolve("paper")
    assert (quick.seeds, paper.seeds) == (4, 9)
    assert levels(quick, EPOCHS, BATCH) == [(2, 4), (2, 8)]
    assert levels(paper, EPOCHS, RATE) == [(7, 0.1), (7, 0.2), (7, 0.3)]
    assert declared.resolve("paper", seeds=3).seeds == 3
    with pytest.raises(UserError, match="scale is 'papre'.*Did you mean 'paper'"):
        declared.resolve("papre")
    with pytest.raises(UserError, match="seeds is 1, but must be at least 2"):
        declared.resolve(seeds=1)


def test_overrides_replace_what_varies_and_add_axes():
    declared = scenario({BATCH: (4, 8)})
    fixed = declared.resolve(overrides={BATCH: "16"})
    assert levels(fixed, BATCH) == [(16,)]
    swept = declared.resolve(overrides={BATCH: "2, full", RATE: "0.3"})
    assert levels(swept, BATCH, RATE) == [(2, 0.3), (64, 0.3)]
    added = declared.resolve(overrides={"model.widths": "8,4-4"})
    assert levels(added, BATCH, "model.widths") == [(4, 8), (4, "4-4"), (8, 8), (8, "4-4")]
    assert added.axes == ("model.widths", BATCH)
    for text in ("2,,4", "2,x"):
        with pytest.raises(UserError, match="a whole number or 'full'"):
            declared.resolve(overrides={BATCH: text})
    with pytest.raises(UserError, match="only 64 training samples"):
        declared.resolve(overrides={BATCH: "2,4000"})
    with pytest.raises(UserError, match="Did you mean 'epochs'"):
        declared.resolve(overrides={"training.epoch": "3"})


def test_an_override_is_read_on_whichever_condition_has_that_setting():
    declared = scenario({"optimizer": (Momentum(0.1), Adam(0.1))})
    resolved = declared.resolve(overrides={RATE: "0.2,0.3"})
    assert levels(resolved, "optimizer", RATE) == [
        ("Momentum", 0.2), ("Momentum", 0.3), ("Adam", 0.2), ("Adam", 0.3),
    ]  # fmt: skip


def test_derived_settings_stand_beside_the_others():
    declared = scenario({BATCH: (4, 8)}, derive={"steps": lambda c: c.steps_per_epoch})
    resolved = declared.resolve()
    assert [resolved.settings(member)["steps"] for member in resolved.members] == [16, 8]
    assert expected_seconds(resolved) > 0
