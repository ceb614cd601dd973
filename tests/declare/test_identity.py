"""Declarations: what is checked, what has an id, what varies, and what the keyboard gives."""

import dataclasses
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import (
    FULL,
    MLP,
    SGD,
    Adam,
    Arms,
    Cases,
    Claim,
    Condition,
    Decreases,
    Digits,
    EarlyStopping,
    Jitter,
    Momentum,
    Plateau,
    Product,
    Scenario,
    Sources,
    Training,
    Union,
    UserError,
    Zipped,
)
from benchmark.declare.designs import axes_of
from benchmark.declare.effort import expected_seconds, run_effort
from benchmark.declare.errors import one_of
from benchmark.declare.fields import Declared, traced_fields
from benchmark.declare.identity import canonical, digest, template_of
from benchmark.declare.load import find, load_file
from benchmark.declare.paths import flatten, get, parse, with_settings
from benchmark.declare.places import scenario_files
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.parts import static, traced
from benchmark.probes import Weights
from benchmark.store.results import Results

BATCH, RATE, EPOCHS = "training.batch_size", "optimizer.learning_rate", "training.epochs"
BASE = Condition(
    Digits(n_train=64, n_validation=32), MLP(widths=(8,)), SGD(0.1), Training(2, batch_size=16)
)


def untyped(thing: Any) -> Any:
    """`thing`, of which the type checker knows nothing: mistakes are what is tested."""
    return thing


# --- fields -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part(Declared):
    """One field of every kind."""

    number: float = traced(0.5, at_least=0, below=1)
    positive: float = traced(1.0, above=0, at_most=2)
    free: float = traced(0.0)
    count: int = static(3, at_least=1)
    maybe: float | None = traced(None, at_least=0)
    flag: bool = True
    word: Literal["red", "green", "blue"] = "red"
    widths: tuple[int, ...] = (4, 4)
    pair: tuple[int, float] = (1, 2.0)
    rule: Callable[[int], int] = abs
    inner: Any = None


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("number", "much", "Part.number is 'much', but must be a number."),
        ("number", True, "Part.number is True, but must be a number."),
        ("number", None, "Part.number is None, but must be a number."),
        ("number", 1, "Part.number is 1.0, but must be below 1."),
        ("number", -0.5, "Part.number is -0.5, but must be at least 0."),
        ("number", math.nan, "Part.number is nan, but must be at least 0."),
        ("positive", 0, "Part.positive is 0.0, but must be above 0."),
        ("positive", 2.1, "Part.positive is 2.1, but must be at most 2."),
        ("free", math.nan, "Part.free is nan, but must be finite."),
        ("free", -math.inf, "Part.free is -inf, but must be finite."),
        ("count", 2.0, "Part.count is 2.0, but must be a whole number."),
        ("count", True, "Part.count is True, but must be a whole number."),
        ("count", 0, "Part.count is 0, but must be at least 1."),
        ("maybe", "none", "Part.maybe is 'none', but must be a number or none."),
        ("maybe", -1, "Part.maybe is -1.0, but must be at least 0."),
        ("flag", 1, "Part.flag is 1, but must be true or false."),
        (
            "word",
            "gren",
            "Part.word is 'gren', but must be one of 'red', 'green', 'blue'. "
            "Did you mean 'green'?",
        ),
        ("word", "xyz", "Part.word is 'xyz', but must be one of 'red', 'green', 'blue'."),
        ("widths", 4, "Part.widths is 4, but must be a tuple."),
        ("widths", (4, 4.5), "Part.widths[1] is 4.5, but must be a whole number."),
        ("pair", (1,), "Part.pair is (1,), but must have 2 items."),
        ("rule", 3, "Part.rule is 3, but must be a Callable."),
    ],
)
def test_a_wrong_value_is_named_with_its_field_and_what_is_allowed(field, wrong, sentence):
    with pytest.raises(UserError) as raised:
        Part(**{field: wrong})
    assert str(raised.value) == sentence


def test_parts_must_be_what_they_stand_for():
    with pytest.raises(UserError, match="Condition.task is .*MLP.*, but must be a Task"):
        Condition(untyped(MLP()), MLP())
    with pytest.raises(UserError, match="must be an Optimizer"):
        dataclasses.replace(BASE, optimizer=untyped(MLP()))
    with pytest.raises(UserError, match=re.escape("Condition.probes[1]")):
        dataclasses.replace(BASE, probes=untyped((Weights(1), "weights")))


@given(st.integers(-(10**6), 10**6))
def test_whole_numbers_are_welcome_where_numbers_are(number: int):
    part = Part(free=number)
    assert type(part.free) is float and part.free == number
    assert digest(part) == digest(Part(free=float(number)))


@given(st.floats())
def test_limits_are_kept_for_every_float(number: float):
    fits = 0 <= number < 1
    if fits:
        assert Part(number=number).number == number
    else:
        with pytest.raises(UserError, match=r"^Part\.number is .*, but must be"):
            Part(number=number)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({BATCH: 65}, "batch_size is 65, but the task has only 64 training samples"),
        ({"training.order": "fresh"}, "needs a number of steps per epoch"),
        (
            {"training.balance": "oversample", "training.order": "once"},
            "draws samples at random",
        ),
        (
            {"training.early_stopping": EarlyStopping(), "training.evaluate_every": 2},
            "every epoch",
        ),
        ({"training.schedule": Plateau(), "training.evaluate_every": 2}, "set it to 1"),
        ({"training": Training(1, FULL, "fresh", steps=2)}, "give a number"),
        ({"task.n_train": 1797}, "has only 1797 samples"),
    ],
)
def test_settings_that_contradict_each_other(changes, sentence):
    with pytest.raises(UserError, match=re.escape(sentence)):
        with_settings(BASE, changes)


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (dict(name="No Slug"), "must be lower-case words joined by hyphens"),
        (dict(says="  "), "must be one sentence"),
        (dict(measure="jitter"), "must be a Measure such as"),
        (dict(expect="falls"), "must be one of Decreases, Difference"),
        (dict(where={"batch size": 2}), "must be a dotted settings path"),
        (dict(tune={RATE: "loss"}), "must be a Measure to minimise"),
    ],
)
def test_claims_are_checked(claim, sentence):
    right = dict(name="a", says="b", measure=Jitter("train_loss"), expect=Decreases(BATCH))
    Claim(**untyped(right))
    with pytest.raises(UserError, match=re.escape(sentence)):
        Claim(**untyped(right | claim))


def test_the_closest_of_many_is_named_and_nothing_far_off():
    assert one_of("x", 3, (1, 2, 3)) == 3
    with pytest.raises(UserError, match=r"^scale is 'papre', but must .* Did you mean 'paper'"):
        one_of("scale", "papre", ("quick", "paper"))
    with pytest.raises(UserError) as raised:
        one_of("scale", "zzz", ("quick", "paper"))
    assert "Did you mean" not in str(raised.value)


# --- ids ----------------------------------------------------------------------------------


def test_the_id_is_the_hash_of_the_canonical_form():
    """Whoever changes these numbers makes every stored result a stranger."""
    pinned = Part(number=0.25, maybe=3)
    assert canonical(pinned) == {"kind": "Part", "number": 0.25, "maybe": 3.0}
    every = Part(0.25, 0.5, 1.0, 4, 3, False, "green", (5,), (2, 1.0), round, Part())
    assert canonical(every) == {
        "kind": "Part", "number": 0.25, "positive": 0.5, "free": 1.0, "count": 4,
        "maybe": 3.0, "flag": False, "word": "green", "widths": [5], "pair": [2, 1.0],
        "rule": "builtins:round", "inner": {"kind": "Part"},
    }  # fmt: skip
    assert digest(pinned) == "4586d1ce43bd"
    assert BASE.id == "74acea07713d"


def test_the_same_setting_has_the_same_id_however_it_is_spelled():
    assert dataclasses.replace(BASE, optimizer=SGD(1)).id == with_settings(BASE, {RATE: 1.0}).id
    assert digest(Part(widths=untyped([4, 4]))) == digest(Part())
    assert with_settings(BASE, {RATE: parse(BASE, RATE, "1e-1")}).id == BASE.id
    assert json.loads(json.dumps(canonical(BASE))) == canonical(BASE)


DIFFERENT = {
    RATE: 0.2,
    BATCH: 8,
    EPOCHS: 3,
    "model.widths": (8, 8),
    "model.dropout": 0.1,
    "task.mislabelled": 0.0,
    "optimizer": Momentum(0.1, 0.0),
    "sources.order": 7,
    "probes": (Weights(1),),
    "training.last_batch": "drop",
}


def test_different_settings_have_different_ids():
    ids = {BASE.id, *(with_settings(BASE, {path: new}).id for path, new in DIFFERENT.items())}
    assert len(ids) == 1 + len(DIFFERENT)


@pytest.mark.parametrize("path", [RATE, EPOCHS, "sources.order"])
def test_values_epochs_and_pinned_sources_share_a_program(path):
    assert with_settings(BASE, {path: DIFFERENT[path]}).group == BASE.group


def test_levels_of_a_value_that_is_switched_on_share_a_program():
    on = [with_settings(BASE, {"model.dropout": rate}).group for rate in (0.1, 0.5)]
    assert on[0] == on[1] != BASE.group


@pytest.mark.parametrize("path", sorted(set(DIFFERENT) - {RATE, EPOCHS, "sources.order"}))
def test_shapes_make_a_program_of_their_own(path):
    assert with_settings(BASE, {path: DIFFERENT[path]}).group != BASE.group


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_group_never_depends_on_a_value(first: float, second: float):
    groups = {template_of(SGD(first)), template_of(SGD(second))}
    assert len(groups) == 1


def test_bind_puts_tracers_where_numbers_were_and_checks_nothing():
    tracer = object()
    bound = BASE.bind({RATE: tracer, "training": -1})
    assert get(bound, RATE) is tracer
    assert bound.training == -1
    assert bound.model is not None and bound.task == BASE.task
    assert get(BASE, RATE) == 0.1, "the original is as it was"
    assert traced_fields(BASE) == {RATE: 0.1}
    assert traced_fields(Part(maybe=1)).keys() == {"number", "positive", "free", "maybe"}


def test_steps_and_batches_as_numbers():
    assert (BASE.batch_size, BASE.steps_per_epoch) == (16, 4)
    full = with_settings(BASE, {BATCH: FULL})
    assert (full.batch_size, full.steps_per_epoch) == (64, 1)
    assert full.settings[BATCH] == 64
    rest = with_settings(BASE, {BATCH: 24})
    assert rest.steps_per_epoch == 3
    assert with_settings(rest, {"training.last_batch": "drop"}).steps_per_epoch == 2
    assert Sources(order=5).seeds(2) == (2, 2, 2, 5, 2, 2, 2, 2)
    assert run_effort(with_settings(BASE, {EPOCHS: 4})) == 2 * run_effort(BASE)


# --- paths --------------------------------------------------------------------------------


def test_settings_by_path():
    flat = dict(flatten(with_settings(BASE, {"model.widths": (8, 4), "probes": (Weights(2),)})))
    assert flat[RATE] == 0.1 and get(BASE, RATE) == 0.1
    assert flat["model"] == "MLP" and flat["model.widths"] == "8-4"
    assert flat["probes"] == "Weights"
    assert dict(flatten(BASE))["model.widths"] == 8
    with pytest.raises(UserError, match="Did you mean 'learning_rate'"):
        get(BASE, "optimizer.learnig_rate")
    with pytest.raises(UserError, match="There is no setting .* has no parts"):
        get(BASE, RATE + ".more")
    with pytest.raises(UserError, match="There is no setting .* has no parts"):
        with_settings(BASE, {RATE + ".more": 1})
    with pytest.raises(UserError, match="SGD.learning_rate is -1.0, but must be at least 0"):
        with_settings(BASE, {RATE: -1})


@pytest.mark.parametrize(
    ("path", "text", "parsed"),
    [
        (RATE, "1e-3", 0.001),
        (RATE, "2", 2.0),
        (EPOCHS, "40", 40),
        (BATCH, "full", FULL),
        (BATCH, "32", 32),
        ("training.log_steps", "False", False),
        ("training.log_steps", "true", True),
        ("training.order", "once", "once"),
        ("training.steps", "none", None),
        ("training.steps", "7", 7),
        ("model.widths", "32-32", (32, 32)),
        ("model.widths", "(32-16)", (32, 16)),
        ("model.widths", "64", (64,)),
        ("model.dropout", "0.5", 0.5),
        ("model.dropout", "None", None),
        ("sources.data", "3", 3),
    ],
)
def test_text_from_the_keyboard(path: str, text: str, parsed: Any):
    found = parse(BASE, path, text)
    assert found == parsed and type(found) is type(parsed)


@pytest.mark.parametrize(
    ("path", "text", "allowed"),
    [
        (RATE, "fast", "a number"),
        (RATE, "nan", "a number"),
        (RATE, "inf", "a number"),
        (RATE, "__import__('os')", "a number"),
        (EPOCHS, "2.5", "a whole number"),
        (EPOCHS, "9" * 400, "a whole number"),
        (BATCH, "all", "a whole number or 'full'"),
        ("training.log_steps", "1", "true or false"),
        ("training.order", "random", "'reshuffle' or 'once'"),
        ("model.widths", "32-", "a tuple of whole numbers"),
        ("model.widths", "", "a tuple of whole numbers"),
        ("probes", "Weights", "a tuple of"),
        ("optimizer", "SGD", "is a part"),
    ],
)
def test_text_that_does_not_fit(path: str, text: str, allowed: str):
    with pytest.raises(UserError, match=re.escape(f"--set {path}={text}: ")) as raised:
        parse(BASE, path, text)
    assert allowed in str(raised.value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives_the_command_line(number: float):
    assert parse(BASE, RATE, repr(number)) == number


@given(st.lists(st.integers(1, 999), min_size=1, max_size=5))
def test_every_tuple_survives_the_command_line(widths: list[int]):
    condition = with_settings(BASE, {"model.widths": tuple(widths)})
    text = str(dict(flatten(condition))["model.widths"])
    assert parse(BASE, "model.widths", text) == tuple(widths)


# --- what varies --------------------------------------------------------------------------


def scenario(vary: Any, **more: Any) -> Scenario:
    return Scenario(question="?", says=".", base=BASE, vary=vary, **more)


def levels(resolved: Any, *paths: str) -> list[tuple[Any, ...]]:
    return [tuple(m.condition.settings[p] for p in paths) for m in resolved.members]


def test_a_mapping_is_a_product():
    resolved = scenario({BATCH: (4, 8), RATE: (0.1, 0.2, 0.3)}).resolve()
    assert levels(resolved, BATCH, RATE) == [(b, r) for b in (4, 8) for r in (0.1, 0.2, 0.3)]
    assert resolved.axes == (RATE, BATCH)
    assert resolved.dose == BATCH
    assert scenario({BATCH: (4,)}, dose=RATE).resolve().dose == RATE


def test_nothing_varies():
    resolved = scenario({}).resolve()
    assert [c.id for c in resolved.conditions] == [BASE.id]
    assert resolved.dose is None and resolved.axes == () and resolved.arms == ()


def test_zipped_axes_move_together():
    resolved = scenario(Zipped({BATCH: (4, 8), RATE: (0.1, 0.2)})).resolve()
    assert levels(resolved, BATCH, RATE) == [(4, 0.1), (8, 0.2)]
    with pytest.raises(UserError, match="equally many levels, but have .*2.*3"):
        Zipped({BATCH: (4, 8), RATE: (0.1, 0.2, 0.3)})


def test_cases_and_unions():
    cases = Cases(({BATCH: 4}, {RATE: 0.2}, {}))
    assert levels(scenario(cases).resolve(), BATCH, RATE) == [(4, 0.1), (16, 0.2), (16, 0.1)]
    both = Union({BATCH: (4, 8)}, {BATCH: (8, 16)})
    assert levels(scenario(both).resolve(), BATCH) == [(4,), (8,), (16,)], "each one once"
    assert axes_of(Union({BATCH: (4,)}, cases)) == (BATCH, RATE)


def test_later_designs_of_a_product_win():
    design = Product({BATCH: (4,), RATE: (0.1, 0.2)}, Cases(({BATCH: 8},)))
    assert list(design) == [{BATCH: 8, RATE: 0.1}, {BATCH: 8, RATE: 0.2}]


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


@pytest.mark.parametrize("wrong", [4, "4", (), None])
def test_an_axis_needs_levels(wrong):
    with pytest.raises(UserError, match=re.escape(f"vary['{BATCH}'] is {wrong!r}, but must")):
        scenario({BATCH: wrong})


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


# --- files --------------------------------------------------------------------------------


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\n\nfor\n", 3, "SyntaxError"),
        ("from benchmark import Nothing\n", 1, "ImportError"),
        (
            "from benchmark import SGD\nSGD(\n  learning_rate=-1)\n",
            2,
            "SGD.learning_rate is -1",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded(tmp_path: Path, text: str, line: int, sentence: str):
    path = written(tmp_path, text)
    with pytest.raises(UserError) as raised:
        load_file(path)
    said = str(raised.value)
    assert said.startswith(f"The scenario file {path}, line {line} could not be loaded: ")
    assert sentence in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["", "scenario = 3\n", "Scenario = None\n"])
def test_a_file_without_a_scenario(tmp_path: Path, text: str):
    with pytest.raises(UserError, match=re.escape("must define `scenario = Scenario(...)`.")):
        load_file(written(tmp_path, text))


def test_files_that_are_no_python(tmp_path: Path):
    path = tmp_path / "mine.py"
    for content in (b"x = 'a\x00b'\n", b"x = '\xff'\n"):
        path.write_bytes(content)
        with pytest.raises(UserError, match="could not be loaded") as raised:
            load_file(path)
        assert "None" not in str(raised.value)


MINIMAL = """
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training
scenario = Scenario("Is it?", "So they say.", Condition(Quadratic(), Point(), SGD(0.1),
                    Training(2, 4)))
"""


def test_own_folders_come_after_the_project_and_win(tmp_path: Path):
    written(tmp_path, MINIMAL)
    written(tmp_path, MINIMAL, "quadratic")
    written(tmp_path, "1/0", "_helper")
    names = scenario_files([tmp_path])
    assert names["mine"] == tmp_path / "mine.py"
    assert names["quadratic"] == tmp_path / "quadratic.py"
    assert "_helper" not in names
    assert find("mine", [tmp_path]).name == "mine"
    with pytest.raises(UserError, match="Did you mean 'mine'"):
        find("mime", [tmp_path])
    with pytest.raises(UserError, match="The scenario folder .*nowhere' does not exist"):
        scenario_files([tmp_path / "nowhere"])


OWN = '''
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from benchmark import (
    SGD, Claim, Condition, Custom, Scenario, Sources, Training, Within, models, tasks,
)
from benchmark.parts import Model, Probe, Task, static, traced

SCALE = 2.0


@dataclass(frozen=True)
class Ramp(Task):
    """y = slope · x on evenly spaced points."""

    slope: float = traced(1.0)
    points: int = static(8, at_least=2)

    @property
    def loss(self):
        return "squared_error"

    @property
    def samples(self):
        return self.points

    @property
    def outputs(self):
        return 1

    def pool(self):
        x = np.linspace(-1, 1, self.points, dtype=np.float32)[:, None]
        return tasks.Pool(x, SCALE * x)

    def sample(self, pool, keys):
        index = jnp.arange(self.points)
        y = jnp.asarray(pool.y) * self.slope
        subset = tasks.Subset(pool.x, index, y, jnp.zeros(self.points, bool))
        return tasks.Split(subset, subset)


@dataclass(frozen=True)
class Slope(Model):
    start: float = traced(0.0)

    def network(self, outputs):
        return models.Network(
            init=lambda key, x: {"params": {"w": jnp.full((1, outputs), self.start)}},
            apply=lambda variables, x, mode, key: (x @ variables["params"]["w"], variables),
        )


@dataclass(frozen=True)
class Distance(Probe):
    every: int = static(1, at_least=1)

    def at_epoch(self, probing, key):
        wanted = SCALE * probing.condition.task.slope
        return {"distance": jnp.abs(probing.params["w"][0, 0] - wanted)}


def last_over_first(distance):
    return distance[:, -1] / distance[:, 0]


scenario = Scenario(
    question="Can a file bring everything of its own?",
    says="It can.",
    base=Condition(Ramp(), Slope(), SGD(1.0), Training(20, batch_size="full"),
                   probes=(Distance(),),
                   # Nothing is random, which is to be said: one run tells all.
                   sources=Sources(initialisation=0, data=0, mislabelling=0, order=0,
                                   dropout=0)),
    vary={"task.slope": (1.0, 3.0)},
    claims=(
        Claim("arrives", "It arrives.",
              Custom("left", "distance", last_over_first, window=(0.0, 1.0)),
              Within(high=0.01)),
    ),
    seeds=8,
)
'''


@pytest.mark.parametrize("device", ["inline", "cpu"])
def test_a_file_may_bring_its_own_task_model_probe_and_measure(tmp_path: Path, device: str):
    from benchmark.answers.answer import answer

    resolved = load_file(written(tmp_path, OWN, f"own_{device}")).resolve()
    report = execute(resolved, tmp_path, Options(device))
    assert (report.computed, report.failures) == (2, {})
    found = answer(Results.at(resolved, tmp_path))
    for row, slope in zip(found.summaries, (1.0, 3.0), strict=True):
        assert row.settings["task.slope"] == slope
        # Curvature is the mean of x²; each step shrinks the distance by 1 − that.
        factor = (1 - sum((-1 + 2 * i / 7) ** 2 for i in range(8)) / 8) ** 20
        measured = row.measures["left(distance, window=0-1)"].number.estimate
        assert measured == pytest.approx(factor, rel=1e-2, abs=1e-6)
    (verdict,) = found.verdicts
    assert verdict.verdict == "supported"
