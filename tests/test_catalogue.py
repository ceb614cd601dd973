"""Every scenario of the catalogue keeps the contract; a new file is covered as it is.

Folders given with ``--scenarios`` are covered beside the project's.
"""

import dataclasses
import math
import subprocess
import sys
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from benchmark import Arms, Cases, Condition, Scenario
from benchmark.answers.answer import Answer, answer, condition_results
from benchmark.claims import Comparison
from benchmark.declare.effort import expected_seconds, run_effort
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.declare.scenario import SCALES, Member, Resolved
from benchmark.declare.series import parse, recorded, series_shapes
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.figures import save, styled
from benchmark.figures.draw import drawn
from benchmark.statistics.attribution.effects import pairs
from benchmark.statistics.selection import ConditionResult, select
from benchmark.store.blocks import Block
from benchmark.store.results import Results
from helpers import ROOT
from helpers.stored import store
from helpers.training import traced
from typecheck import unchecked

LONGEST_FILE = 200
"""Lines; a scenario that needs more asks more than one question."""
FEW, EPOCHS, SEEDS = 3, 2, 2


def covered(config: pytest.Config) -> dict[str, Path]:
    """Name → file of every scenario under test."""
    return scenario_files(config.getoption("--scenarios") or [])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", list(covered(metafunc.config)), scope="module")


@pytest.fixture(scope="module")
def path(name: str, request: pytest.FixtureRequest) -> Path:
    return covered(request.config)[name]


@pytest.fixture(scope="module")
def scenario(path: Path) -> Scenario:
    return load_file(path)


# --- what is declared ---------------------------------------------------------------------


def test_it_says_what_it_asks(scenario: Scenario, name: str, path: Path):
    assert scenario.name == name
    assert scenario.question.endswith("?")
    assert len(scenario.says.split()) >= 5
    assert scenario.family
    assert scenario.claims
    for claim in scenario.claims:
        assert claim.says.strip().endswith((".", "?"))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("scale", SCALES)
def test_its_conditions_are_distinct(scenario: Scenario, scale: str):
    resolved = scenario.resolve(scale)
    shown = [(member.arm, member.condition.id) for member in resolved.members]
    assert shown and len(set(shown)) == len(shown)
    ids = [condition.id for condition in resolved.conditions]
    assert len(set(ids)) == len(ids)
    assert resolved.seeds >= 2
    assert math.isfinite(expected_seconds(resolved))


@pytest.mark.parametrize("scale", SCALES)
def test_its_axes_are_settings(scenario: Scenario, scale: str):
    resolved = scenario.resolve(scale)
    settings = [resolved.settings(member) for member in resolved.members]
    if resolved.dose is not None:
        assert any(resolved.dose in held for held in settings)


def chosen(resolved: Resolved, where) -> list[Member]:
    """The members that a claim's selection takes, found as the verdicts find them."""
    held = [
        ConditionResult(str(number), member.condition, resolved.settings(member), {})
        for number, member in enumerate(resolved.members)
    ]
    return [resolved.members[int(result.id)] for result in select(held, where)]


@pytest.mark.parametrize("scale", SCALES)
def test_its_causes_and_cures_compare_conditions_that_there_are(scenario: Scenario, scale: str):
    resolved = scenario.resolve(scale)
    held = [
        ConditionResult(str(number), member.condition, resolved.settings(member), {})
        for number, member in enumerate(resolved.members)
    ]
    for switch in (*scenario.causes, *scenario.cures):
        matched = pairs(held, switch)
        assert all(len(off) == len(on) == 1 for off, on in matched), f"{switch} is ambiguous"
        for side, selection in enumerate(switch.sides):
            used = {pair[side][0].id for pair in matched}
            assert used == {one.id for one in select(held, selection)}, f"{switch}: unpaired"


def test_its_claims_speak_of_conditions_that_there_are(scenario: Scenario):
    resolved = scenario.resolve("quick")
    for claim in scenario.claims:
        members = chosen(resolved, claim.where)
        settings = [resolved.settings(member) for member in members]
        axis = getattr(claim.expect, "axis", None)
        if axis is not None:
            levels = {held.get(axis) for held in settings}
            assert None not in levels, f"{claim.name}: {axis} is not set everywhere"
            assert len(levels) > 1, f"{claim.name}: {axis} does not vary"
        for path in claim.tune:
            assert len({held[path] for held in settings}) > 1, f"{claim.name}: tune {path}"
        # What validation chose, validation cannot judge, unless its validation is exact.
        chose = claim.tune or any(name.startswith("selected_") for name in claim.measure.series)
        if chose and all(hasattr(member.condition.task, "n_test") for member in members):
            assert all("validation" not in name for name in claim.measure.series), claim.name
        if isinstance(claim.expect, Comparison):
            for side in claim.expect.sides:
                assert chosen(resolved, {**claim.where, **side})


# --- a few conditions for two epochs: one of each kind is trained, others are traced --------


def shortened(condition: Condition) -> Condition:
    """Two epochs, each probe looking at one of them, and no more steps than needed."""
    training = condition.training
    steps = None if training.steps is None else min(training.steps, 8)
    changed = dataclasses.replace(training, epochs=EPOCHS, steps=steps)
    return dataclasses.replace(condition, training=changed)


def few(resolved: Resolved) -> dict[str, list[Condition]]:
    """The cheapest conditions, one of each arm before a second of any; three at most."""
    arms: dict[str, list[Member]] = {}
    for member in sorted(resolved.members, key=lambda member: run_effort(member.condition)):
        arms.setdefault(member.arm, []).append(member)
    in_turn = [member for rank in zip_longest(*arms.values()) for member in rank if member]
    taken: dict[str, Member] = {}
    for member in in_turn:
        short = Member(member.arm, shortened(member.condition))
        if len(taken) < FEW:
            taken.setdefault(short.condition.id, short)
    designs: dict[str, list[Condition]] = {}
    for member in taken.values():
        designs.setdefault(member.arm, []).append(member.condition)
    return designs


PARTS = tuple(field.name for field in dataclasses.fields(Condition))


def reduced(scenario: Scenario) -> Scenario:
    """The scenario with a few short conditions and two seeds."""
    taken = few(scenario.resolve("quick"))
    designs = {
        arm: Cases(tuple({part: getattr(c, part) for part in PARTS} for c in conditions))
        for arm, conditions in taken.items()
    }
    return dataclasses.replace(
        scenario,
        vary=designs[""] if "" in designs else Arms(designs),
        seeds=SEEDS,
        block=SEEDS,
        lanes=min(scenario.lanes, SEEDS),
        scales={},
        figure=None,
    )


def kind(condition: Condition) -> tuple[type, type]:
    return type(condition.task), type(condition.model)


def trained(resolved: Resolved) -> Resolved:
    """The cheapest condition of each kind, and those that share a program with it."""
    first: dict[tuple[type, type], Condition] = {}
    for condition in resolved.conditions:
        first.setdefault(kind(condition), condition)
    programs = {condition.group for condition in first.values()}
    members = tuple(m for m in resolved.members if m.condition.group in programs)
    return dataclasses.replace(resolved, members=members)


# Tests in parallel tear the fixtures of a module down more often than they need to.
COMPUTED: dict[str, tuple[Results, Results]] = {}


@pytest.fixture(scope="module")
def computed(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory):
    """Results of what is trained; and with them, of all few conditions, made up by noise."""
    if scenario.name in COMPUTED:
        return COMPUTED[scenario.name]
    resolved = reduced(scenario).resolve()
    assert 1 <= len(resolved.conditions) <= FEW
    root = tmp_path_factory.mktemp(scenario.name)
    some = trained(resolved)
    report = execute(some, root, Options("inline"))
    assert (report.computed, report.failures) == (len(some.conditions), {})
    assert execute(some, root, Options("inline")).computed == 0
    real, whole = Results.at(some, root), Results.at(resolved, root)
    donors = {kind(runs.condition): runs.series for runs in real.all_runs()}
    draws = np.random.default_rng(0)

    def like_its_kind(block: Block) -> dict[str, np.ndarray]:
        series, shapes = donors[kind(block.condition)], traced(block.condition)
        agrees_with_what_is_declared(block.condition, shapes)
        return noisy(series, shapes, draws)

    store(whole, like_its_kind, whole.missing())
    COMPUTED[scenario.name] = real, whole
    return COMPUTED[scenario.name]


def agrees_with_what_is_declared(
    condition: Condition, shapes: Mapping[str, tuple[int, ...]]
) -> None:
    known, all_known = recorded(condition)
    assert known.items() <= shapes.items()
    assert not all_known or known.keys() == shapes.keys()


def noisy(
    series: Mapping[str, np.ndarray],
    shapes: Mapping[str, tuple[int, ...]],
    draws: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Series of these shapes in one run, made from those of a condition that is like it.

    What that one does not record are numbers from 0 to 1; shares stay within that.
    """
    made = {}
    for name, shape in shapes.items():
        held = series.get(name, draws.random((SEEDS, *shape)))
        each = (SEEDS, shape[0], 1)[: 1 + len(shape)]
        stretched = fitted(held, shape) * draws.lognormal(0, 0.1, each)
        share = parse(name).more_is_better
        made[name] = np.float32(stretched.clip(0.01, 0.99) if share else stretched)
    return made


@pytest.fixture(scope="module")
def results(computed: tuple[Results, Results]) -> Results:
    """The reduced scenario, stored."""
    return computed[1]


@pytest.fixture(scope="module")
def found(results: Results) -> Answer:
    with unchecked():
        return answer(results)


def test_it_runs_and_stores_finite_series(computed: tuple[Results, Results]):
    real, _ = computed
    for runs in real.all_runs():
        training, task = runs.condition.training, runs.condition.task
        assert runs.seeds.tolist() == list(range(SEEDS))
        wanted = {"train_loss", "validation_loss", "running_train_loss"}
        if task.loss == "cross_entropy":
            wanted |= {name.replace("loss", "accuracy") for name in wanted}
        if training.log_steps:
            wanted.add("step_loss")
        assert wanted <= runs.series.keys()
        for name, held in runs.series.items():
            assert held.shape[:2] == (SEEDS, EPOCHS + 1), name
            assert np.issubdtype(held.dtype, np.floating), name
        for name in wanted:
            # Nothing is trained before epoch 0.
            first = 1 if name.startswith(("running", "step")) else 0
            assert np.isfinite(runs.series[name][:, first:]).all(), name
        alike = np.array_equal(*runs.series["train_loss"])
        assert alike == runs.condition.deterministic, "two seeds are two runs"


def test_its_probes_see_something(computed: tuple[Results, Results]):
    real, _ = computed
    for runs in real.all_runs():
        own = {"train", "validation", "running", "step"}
        seen = [n for n in runs.series if n.partition("_")[0] not in own or "loss" not in n]
        seen = [n for n in seen if "accuracy" not in n]
        if runs.condition.probes:
            assert seen
        if any(probe.every <= EPOCHS for probe in runs.condition.probes):
            assert any(np.isfinite(runs.series[name]).any() for name in seen)


def test_it_is_answered(found: Answer, scenario: Scenario):
    assert found.summaries
    for row in found.summaries:
        assert row.runs == SEEDS
        assert row.measures["level(train_loss)"].number.estimate is not None
    assert [verdict.name for verdict in found.verdicts] == [c.name for c in scenario.claims]
    for verdict in found.verdicts:
        assert verdict.verdict in ("supported", "refuted", "undecided")
        assert verdict.expected or verdict.note
    for rule in scenario.derive:
        assert all(rule in row.settings for row in found.conditions)


def test_its_figures_are_drawn(found: Answer, tmp_path: Path):
    with unchecked(), styled():
        paths = [save(figure, tmp_path / name, ("png",)) for name, figure in drawn(found)]
    assert {"curves", "dose", "verdicts"} <= {path.stem for path in paths}
    assert all(path.stat().st_size > 1000 for path in paths)


def fitted(held: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Series of another length: [run, epoch] or [run, epoch, step], edges repeated or cut."""
    places = (
        np.minimum(np.arange(n), m - 1) for n, m in zip(shape, held.shape[1:], strict=True)
    )
    return held[np.ix_(np.arange(len(held)), *places)]


def test_its_special_figure_is_drawn(results: Results, scenario: Scenario, tmp_path: Path):
    """From made-up results of every condition: those trained above, stretched and noisy."""
    if scenario.figure is None:
        pytest.skip("has no figure of its own")
    whole = dataclasses.replace(
        scenario, seeds=SEEDS, block=SEEDS, lanes=1, scales={}
    ).resolve()
    arms = {member.arm: member.condition.id for member in results.resolved.members}
    donors = {runs.condition.id: runs.series for runs in results.all_runs()}
    of_arm = {m.condition.id: arms.get(m.arm, next(iter(donors))) for m in whole.members}
    draws = np.random.default_rng(0)

    def stretched(block: Block) -> dict[str, np.ndarray]:
        series = donors[of_arm[block.condition.id]]
        known, all_known = recorded(block.condition)
        epochs, steps = series_shapes(block.condition).values()
        of_probes = {
            name: (steps if held.ndim == 3 else epochs) for name, held in series.items()
        }
        return noisy(series, known if all_known else of_probes | dict(known), draws)

    held = store(Results.at(whole, tmp_path), stretched)
    with unchecked(), styled():
        figure = Figure(layout="constrained")
        scenario.figure(figure, condition_results(held))
        assert save(figure, tmp_path / "special", ("png",)).stat().st_size > 1000


# --- a new file ---------------------------------------------------------------------------

NEW = """
from benchmark import (
    SGD, Claim, Condition, Decreases, Level, Point, Quadratic, Scenario, Training,
)

scenario = Scenario(
    question="Is a new file covered?",
    says="A new file is covered by the tests as it is.",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=8, batch_size=4)),
    vary={"optimizer.learning_rate": (0.1, 0.2, 0.4)},
    claims=(
        Claim("falls", "It falls.", Level("validation_loss"), Decreases("AXIS")),
    ),
    seeds=4,
)
"""


def test_new_files_are_covered(tmp_path: Path):
    (tmp_path / "newname_right.py").write_text(NEW.replace("AXIS", "optimizer.learning_rate"))
    (tmp_path / "newname_wrong.py").write_text(NEW.replace("AXIS", "training.epochs"))
    options = ["-q", "-rA", "-p", "no:cacheprovider", "-n0", "--scenarios", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, *options, "-k", "newname"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    failed = [line for line in ended.stdout.splitlines() if line.startswith("FAILED")]
    (line,) = failed
    assert "speak_of_conditions_that_there_are[newname_wrong]" in line
    assert "falls: training.epochs does not vary" in ended.stdout
    passed = [line for line in ended.stdout.splitlines() if line.startswith("PASSED")]
    for name, count in (("newname_right", 12), ("newname_wrong", 11)):
        assert sum(name in line for line in passed) == count
