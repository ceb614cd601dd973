"""Two answers, number by number."""

from dataclasses import replace

import numpy as np

from benchmark.answers.agreement import Agreement, Judged, agreements, tallies, together
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.equivalence import Compared
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.measures import (
    Diverged,
    Jitter,
    Level,
    RelativeJitter,
    RunSpread,
    VonNeumann,
)
from benchmark.statistics.selection import ConditionResult


def result(name: str, ends: np.ndarray) -> ConditionResult:
    curves = np.asarray(ends, dtype=np.float64)[:, None] * np.ones(4)
    return ConditionResult(name, None, {"dose": name}, {"train_loss": curves})


def test_rows_of_missing_and_diverged_runs():
    generator = np.random.default_rng(5)
    whole, broken = generator.normal(5, 1, (2, 32))
    broken[:20] = np.nan
    measures = [Level("train_loss"), Diverged(), RunSpread("absent")]
    (rows,) = together(
        [
            agreements(
                [result("a", whole), result("b", whole), result("c", whole)],
                [result("b", broken), result("a", generator.normal(5, 1, 32))],
                measures,
            )
        ]
    )
    said = {(row.condition, row.measure): row.outcome for row in rows}
    assert said == {
        ("a", "level(train_loss)"): "agrees",
        ("a", "diverged(train_loss)"): "agrees",
        ("b", "no level(train_loss)"): "differs",
        ("b", "level(train_loss)"): "open",
        ("b", "diverged(train_loss)"): "differs",
    }
    (level, *_) = tallies(rows)
    assert (level.agree, level.open, level.differ) == (1, 1, 0)


def test_the_worst_row_of_a_measure():
    def row(difference: float, p: float, inside: bool) -> Agreement:
        held = Compared("ratio", 1.0, 1.0, Interval(difference, 0.0, 1.0), 1.5, p, inside)
        return Agreement("x", str(difference), "m", held, p)

    rows = [row(1.1, 1e-9, True), row(0.5, 0.4, False), row(1.9, 0.4, False)]
    assert tallies(rows)[0].worst.about == "0.5"
    assert rows[0].outcome == "agrees", "a difference within the margin does not count"
    assert tallies([*rows, row(3.0, 1e-4, False)])[0].worst.about == "3.0"


def table(generator: np.random.Generator, shift: float, name: str) -> list[Agreement]:
    """Five conditions of 32 runs with a mean, which is shifted, an SD and no divergence."""
    measures = [Level("train_loss"), RunSpread("train_loss"), Diverged()]

    def condition(number: int, by: float) -> ConditionResult:
        values = generator.normal(by, 1, 32), generator.normal(0, 1, 32), np.zeros(32)
        known = dict(zip((m.name for m in measures), values, strict=True))
        return ConditionResult(f"{name}{number}", None, {}, {}, known)

    first, second = ([condition(i, by) for i in range(5)] for by in (0, shift))
    return agreements(first, second, measures)


def test_a_shift_of_one_and_a_half_sds_is_found():
    rows = table(np.random.default_rng(12), 1.5, "a")
    found = [
        row.outcome
        for table in together([rows, *([rows] * 7)])
        for row in table
        if row.measure == "level(train_loss)"
    ]
    assert found.count("differs") >= 0.8 * len(found)


def test_the_family_is_the_call():
    """What differs alone does not among many."""
    compared = Compared("ratio", 1, 1, Interval(2, 1, 3), 1.5, 0.01, False, (9, 9))
    row = Agreement("x", "", "m", compared, 1)
    calm = [replace(row, compared=row.compared and row.compared._replace(p=0.9))] * 4
    assert together([[row]])[0][0].outcome == "differs"
    assert together([[row], calm])[0][0].outcome == "open"
    unknown = [replace(row, compared=None)] * 40
    (first, others) = together([[row], unknown])
    assert first[0].outcome == "differs", "what is not compared does not count"
    assert {each.outcome for each in others} == {"rounding"}
    assert tallies([row, *unknown])[0].agree + tallies([row, *unknown])[0].open == 1


def test_rounding_below_the_resolution_of_the_curves():
    """Jitter of what single precision made of a constant: one machine's against another's."""
    generator = np.random.default_rng(13)

    def machine(name: str, units: float) -> ConditionResult:
        noise = generator.normal(0, units * 2**-23, (32, 20))
        return ConditionResult(name, None, {}, {"train_loss": 2.3 + noise})

    measures = [Jitter("train_loss"), VonNeumann("train_loss"), RelativeJitter("train_loss")]
    (rows,) = together([agreements([machine("a", 0.5)], [machine("a", 1.5)], measures)])
    said = {row.measure: row.outcome for row in rows}
    assert said == {
        "jitter(train_loss)": "agrees",
        "von_neumann(train_loss)": "rounding",
        "relative_jitter(train_loss)": "agrees",
    }
    real = [machine("a", 500), machine("a", 1500)]
    (rows,) = together([agreements([real[0]], [real[1]], measures)])
    assert [row.outcome for row in rows] == ["differs", "agrees", "differs"]


def test_reversed_and_moved_verdicts():
    def says(verdict) -> Verdict:
        return Verdict("c", "s", verdict)

    pairs = {
        ("supported", "supported"): "same",
        ("supported", "refuted"): "reversed",
        ("refuted", "supported"): "reversed",
        ("undecided", "refuted"): "moved",
        ("depends", "refuted"): "moved",
        ("supported", "depends"): "moved",
    }
    for both, outcome in pairs.items():
        assert Judged(*map(says, both)).outcome == outcome
