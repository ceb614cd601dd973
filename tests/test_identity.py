"""What makes two things the same: conditions, programs, code and figures."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import cloudpickle
import numpy as np
import pytest

from benchmark import (
    MLP,
    SGD,
    Augmentation,
    Condition,
    Cosine,
    Digits,
    EarlyStopping,
    Evaluation,
    Momentum,
    Plateau,
    Point,
    Quadratic,
    Sources,
    Training,
    UserError,
)
from benchmark.answers.answer import Answer, answer
from benchmark.cli.redraw import figures_of
from benchmark.cli.verify import _folder
from benchmark.declare import paths as settings
from benchmark.declare.identity import (
    code_digest,
    figure_digest,
    making_files,
    select,
    template_of,
)
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.declare.scenario import Resolved
from benchmark.declare.series import recorded
from benchmark.declare.source import PACKAGE, package_files
from benchmark.parts import Model
from benchmark.probes import UpdateNorm
from benchmark.store.blocks import Made, to_dataset
from benchmark.store.files import prepare
from benchmark.store.files import write as store
from benchmark.store.reference import Reference
from benchmark.store.results import Results
from benchmark.training.lanes import Run, _compiler, train
from benchmark.training.program import ORDER, SPLIT, START, TRAIN
from benchmark.workbench.stock import reference_root, stock_of

# A model of its own, with a base, a constant, a function and a module that it depends on.
OWN = """
from dataclasses import dataclass

import helper
from benchmark import SGD, Claim, Condition, Custom, Decreases, Level, Quadratic
from benchmark.parts import Model
from benchmark import Scenario, Training, models

GAIN = 1.0
TITLE = "first"
SHIFTS = {}
SHIFTS["shift"] = 0.0


def times(x):
    return GAIN * x * helper.ONE


@dataclass(frozen=True)
class Base(Model):
    start: float = 3.0

    def begin(self, outputs):
        import jax.numpy as jnp

        return {"params": {"w": jnp.full((outputs,), self.start, jnp.float32)}}


@dataclass(frozen=True)
class Mine(Base):
    '''One weight.'''

    def network(self, outputs):
        return models.Network(
            init=lambda key, x: self.begin(outputs),
            apply=lambda v, x, mode, key: (
                times(x) * v["params"]["w"][None] + SHIFTS["shift"], v
            ),
        )


def highest(curve):
    return curve.max(-1)


def draw(figure, conditions):
    # A note.
    figure.suptitle(TITLE)


scenario = Scenario(
    question="Is it the same?",
    says="It had better be.",
    base=Condition(Quadratic(n_train=8), Mine(), SGD(0.2), Training(epochs=2, batch_size=4)),
    vary={"training.batch_size": (2, 8)},
    claims=(
        Claim("falls", "It falls.", Level("validation_loss"),
              Decreases("training.batch_size")),
    ),
    show=(Custom("highest", "train_loss", highest),),
    seeds=2,
    block=2,
    figure=draw,
)
"""

MADE_BY_OTHER_CODE = "2 stored blocks were made by other code than today's"


@pytest.fixture
def write(tmp_path: Path, monkeypatch) -> Iterator[Callable[..., Resolved]]:
    """Writes `OWN` and its helper with an edit, and loads it."""
    monkeypatch.syspath_prepend(tmp_path)

    def written(old: str = "", new: str = "", helper: str = "ONE = 1.0\n") -> Resolved:
        assert old in OWN
        (tmp_path / "helper.py").write_text(helper)
        (tmp_path / "own.py").write_text(OWN.replace(old, new, 1))
        sys.modules.pop("helper", None)
        return load_file(tmp_path / "own.py").resolve()

    yield written
    sys.modules.pop("helper", None)


def code_of(resolved: Resolved) -> str:
    return code_digest(*resolved.conditions)


# --- conditions ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(scenario_files()))
def test_every_stored_reference_is_of_todays_conditions(name: str, tmp_path: Path):
    resolved = load_file(scenario_files()[name]).resolve()
    held = Reference.at(resolved, reference_root(None), tmp_path)
    assert held.exists and held.strangers == 0
    assert len(held.about["conditions"]) == len(resolved.conditions)


def test_functions_that_only_differ_in_what_they_do_are_refused():
    @dataclass(frozen=True)
    class Ruled(Model):
        rule: Callable[..., Any] = abs

    named = Condition(Digits(64, 64), Ruled(round))
    assert named.id != Condition(Digits(64, 64), Ruled(abs)).id
    with pytest.raises(UserError, match="'.*<lambda>' of .*, but must hold functions"):
        _ = Condition(Digits(64, 64), Ruled(lambda x: x)).id


# --- programs -----------------------------------------------------------------------------

BASE = Condition(Digits(64, 64), MLP((4,)), SGD(0.1), Training(2, 16))
PROGRAMS = {"data": SPLIT, "start": START, "order": ORDER, "train": TRAIN}


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({"optimizer.learning_rate": 0.2}, ""),
        ({"training.epochs": 5}, ""),
        ({"sources": Sources(data=3)}, ""),
        ({"optimizer": Momentum(0.1)}, "start train"),
        ({"model.widths": (8,)}, "start train"),
        ({"model.dropout": 0.1}, "start train"),
        ({"sources": Sources(one_bit=True)}, "start train"),
        ({"training.schedule": Cosine()}, "start train"),
        ({"training.schedule": Plateau()}, "start train"),
        ({"training.average": 0.9}, "start train"),
        ({"training.clip_norm": 1.0}, "start train"),
        ({"training.weight_decay": 0.1}, "start train"),
        ({"training.late_batches": 2}, "start train"),
        ({"training.early_stopping": EarlyStopping()}, "start train"),
        ({"training.batch_size": 8}, "order train"),
        ({"training.order": "sorted"}, "order train"),
        ({"training.last_batch": "drop"}, "order train"),
        ({"training.steps": 3}, "order train"),
        ({"training.passes": "restart"}, "order train"),
        ({"training.balance": "oversample"}, "order train"),
        ({"evaluation": Evaluation(steps=1)}, "order train"),
        ({"evaluation": Evaluation(per_class=True)}, "train"),
        ({"training.log_steps": False}, "train"),
        ({"training.evaluate_every": 2}, "train"),
        ({"training.augmentation": Augmentation(shift=0.1)}, "train"),
        ({"probes": (UpdateNorm(1),)}, "train"),
        ({"task.mislabelled": 0.1}, "data train"),
        ({"task.n_train": 48}, "data order train"),
    ],
    ids=str,
)
def test_a_setting_is_part_of_just_the_programs_that_depend_on_it(changes, other: str):
    changed = settings.with_settings(BASE, changes)
    differ = {
        name
        for name, program in PROGRAMS.items()
        if program.template(changed) != program.template(BASE)
    }
    assert differ == set(other.split())


def test_a_program_can_read_nothing_that_it_is_not_known_by():
    chosen = select(BASE, ("training.order", "optimizer"), BASE.values)
    assert chosen.training.order == "reshuffle"
    with pytest.raises(AttributeError, match="does not take the setting 'batch_size'"):
        _ = chosen.training.batch_size
    held = template_of(chosen)
    assert held.numbers == ("optimizer.learning_rate",)
    # A number that varies within a program cannot slip into it either.
    with pytest.raises(TypeError):
        _ = held.settings.optimizer.learning_rate * 2
    assert held.settings.bind({"optimizer.learning_rate": 0.5}).optimizer == SGD(0.5)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, 0.0), (0.0, -0.0), (1, "1")])
def test_settings_of_other_types_make_other_programs(one: object, other: object):
    @dataclass(frozen=True)
    class Loose(Model):
        any: Any = None

    assert template_of(Loose(one)) != template_of(Loose(other))
    assert template_of(Loose((one,))) == template_of(Loose((one,)))


def test_groups_with_one_task_draw_their_data_by_one_program():
    small = Condition(Quadratic(n_train=12), Point(), training=Training(1, 4))
    for optimizer in (SGD(0.1), Momentum(0.1)):
        train([Run(replace(small, optimizer=optimizer), 0)])
    compiled: Any = _compiler(SPLIT)(SPLIT.template(small), 1)
    assert compiled._cache_size() == 1


RULED = """
from collections.abc import Callable
from dataclasses import dataclass
from benchmark.parts import Model

FACTOR = 2.0

def inner(x):
    return FACTOR * x

def rule(x):
    return inner(x) if x else rule(1 - x)

@dataclass(frozen=True)
class Ruled(Model):
    rule: Callable = rule

made = Ruled()
"""


def travelled(source: str) -> Model:
    """A model made by some source, after a journey by value such as to a worker."""
    names: dict[str, Any] = {"__name__": "ruled"}
    sys.modules["ruled"] = module = type(sys)("ruled")
    vars(module).update(names)
    exec(source, vars(module))
    cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.loads(cloudpickle.dumps(module.made))
    finally:
        cloudpickle.unregister_pickle_by_value(module)
        del sys.modules["ruled"]


def test_functions_that_have_travelled_are_told_apart_by_what_they_do():
    first, second = travelled(RULED), travelled(RULED)
    rules = {"same": vars(first)["rule"], "other": vars(second)["rule"]}
    assert rules["same"] is not rules["other"]
    assert template_of(replace(first, **{"rule": rules["other"]})) == template_of(first)
    altered = vars(travelled(RULED.replace("2.0", "3.0")))["rule"]
    assert template_of(replace(first, **{"rule": altered})) != template_of(first)
    # Their classes have one name, but each was made anew.
    assert template_of(second) != template_of(first)


def test_runs_of_two_classes_of_one_name_are_refused(write):
    first, second = write().conditions[0], write("GAIN = 1.0", "GAIN = 0.5").conditions[0]
    assert first.id == second.id and first.group != second.group
    with pytest.raises(ValueError, match=r"same classes, but one has .*own\.Mine .* where"):
        train([Run(first, 0), Run(second, 0)])
    with pytest.raises(ValueError, match="share group and number of epochs"):
        train([Run(BASE, 0), Run(replace(BASE, training=Training(3, 16)), 0)])


# --- code ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('v["params"]["w"][None] +', '2 * v["params"]["w"][None] +'),
        ("GAIN = 1.0", "GAIN = 0.5"),
        ("return GAIN * x", "return GAIN + x"),
        ("jnp.full(", "-jnp.full("),
        ('SHIFTS["shift"] = 0.0', 'SHIFTS["shift"] = 1.0'),
    ],
    ids=["class", "constant", "function", "base", "mutation"],
)
def test_results_depend_on_own_code(write, old: str, new: str):
    assert code_of(write(old, new)) != code_of(write())


def test_results_depend_on_own_modules(write):
    assert code_of(write(helper="ONE = 2.0\n")) != code_of(write())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"It falls."', '"It does fall."'),
        ("figure.suptitle(TITLE)", "figure.suptitle(TITLE + '!')"),
        ("curve.max(-1)", "curve.min(-1)"),
        ("'''One weight.'''", "'''A single weight.'''"),
        ("GAIN = 1.0", "# Of the only weight.\nGAIN = 1.0"),
        ("import Scenario, Training", "import Level, Scenario, Training"),
    ],
    ids=["claim", "figure", "measure", "docstring", "comment", "import"],
)
def test_results_do_not_depend_on_what_is_said_of_them(write, old: str, new: str):
    assert code_of(write(old, new)) == code_of(write())


def test_code_without_a_file_is_known_by_the_object():
    names: dict[str, Any] = {"__name__": "__main__", "Model": Model}
    exec("class Other(Model):\n    def network(self, outputs):\n        return 1", names)
    own = code_digest(names["Other"]())
    assert own == code_digest(names["Other"]()) != code_digest()


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A copy of the package."""
    folder = tmp_path_factory.mktemp("copy") / "benchmark"
    return Path(shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def edited(package: Path) -> Iterator[Callable[[str, str, str], None]]:
    """Edits a file of the copy, and mends it again."""
    kept: dict[Path, str] = {}

    def edit(name: str, old: str, new: str) -> None:
        text = (package / name).read_text()
        kept.setdefault(package / name, text)
        assert old in text
        (package / name).write_text(text.replace(old, new, 1))

    yield edit
    for path, text in kept.items():
        path.write_text(text)


def test_the_code_digest_is_of_every_file_that_makes_results(package: Path, edited):
    before = code_digest(package=package)
    assert before == code_digest() and len(before) == 12
    changed = set()
    for path in making_files(package):
        path.write_text(path.read_text() + "\n\nADDED = 1\n")
        changed.add(code_digest(package=package))
        path.write_text(path.read_text().removesuffix("\n\nADDED = 1\n"))
    assert len(changed - {before}) == len(making_files(package))
    assert code_digest(package=package) == before
    edited("declare/schedules.py", "jnp.cos(jnp.pi * done)", "jnp.cos(3 * done)")
    assert code_digest(package=package) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("declare/schedules.py", '"""Schedules of', '"""Schedules for'),
        ("training/lanes.py", "# Not XLA's defaults.", "# Other than XLA's defaults."),
        (
            "statistics/measures/fluctuation.py",
            "import numpy as np",
            "import numpy as np\nA = 1",
        ),
    ],
    ids=["docstring", "comment", "statistics"],
)
def test_the_code_digest_is_of_nothing_else(package: Path, edited, name, old, new):
    edited(name, old, new)
    assert code_digest(package=package) == code_digest()


def test_what_is_imported_on_first_use_counts_too():
    files = {path.relative_to(PACKAGE).as_posix() for path in package_files(["curves.py"])}
    assert {
        "statistics/measures/fluctuation.py",
        "statistics/selection.py",
        "declare/lazy.py",
    } <= files


def test_whatever_runs_in_a_training_is_covered():
    """Nothing is listed here: the files are those whose functions were called."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code.co_filename)

    how = Training(
        1, 4, schedule=Plateau(warm_up=0.5), early_stopping=EarlyStopping(), clip_norm=1.0
    )
    condition = Condition(Quadratic(n_train=6), Point(), Momentum(), how, (UpdateNorm(1),))
    sys.setprofile(note)
    try:
        train([Run(condition, 0)])
    finally:
        sys.setprofile(None)
    own = {Path(name) for name in called if Path(name).is_relative_to(PACKAGE)}
    names = {path.relative_to(PACKAGE).as_posix() for path in own}
    assert {"declare/schedules.py", "declare/condition.py", "training/epoch.py"} <= names
    assert own <= set(making_files())


def test_results_of_edited_own_code_are_told_of(write, tmp_path: Path, capsys):
    def compute(resolved: Resolved) -> tuple[int, str]:
        told: list[str] = []
        results = Results.at(resolved, tmp_path)
        missing = results.missing(told.append)
        for block in missing:
            known = recorded(block.condition).known
            series = {name: np.zeros((2, *shape), np.float32) for name, shape in known.items()}
            prepare(results.folder)
            store(results.path(block), to_dataset(block, series, Made("made up", 1, 0.0)))
        stock_of(resolved, tmp_path, None, False)
        said = capsys.readouterr().err
        assert told == ([said.removeprefix("own: ").removesuffix("\n")] if said else [])
        return len(missing), said

    assert compute(write()) == (2, "")
    assert compute(write("It falls", "It does fall")) == (0, "")
    kept, said = compute(write("GAIN = 1.0", "GAIN = 0.5"))
    assert kept == 0 and MADE_BY_OTHER_CODE in said and said.count("\n") == 1
    assert compute(write()) == (0, "")


def test_runs_of_edited_own_code_do_not_vouch_for_the_reference(write):
    held = _folder(write())
    assert held == _folder(write('"It falls."', '"It does fall."'))
    assert held != _folder(write("GAIN = 1.0", "GAIN = 0.5"))


# --- figures ------------------------------------------------------------------------------


def test_figures_are_drawn_anew_when_what_they_show_has_changed(
    write, tmp_path: Path, monkeypatch
):
    drawn: list[Path] = []

    def draw(found: Answer, folder: Path) -> list[Path]:
        path = folder / "special.png"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
        drawn.append(path)
        return [path]

    # Drawing itself takes seconds, and is tested elsewhere.
    monkeypatch.setitem(sys.modules, "benchmark.figures", SimpleNamespace(draw=draw))

    def times(*edit: str) -> int:
        before = len(drawn)
        assert (
            figures_of(answer(held := Results.at(write(*edit), tmp_path)), held) == drawn[-1:]
        )
        return len(drawn) - before

    assert [times(), times()] == [1, 0]
    assert times("figure.suptitle(TITLE)", "figure.suptitle(TITLE + '!')") == 1
    assert times('TITLE = "first"', 'TITLE = "second"') == 1
    assert times("curve.max(-1)", "curve.min(-1)") == 1
    assert times('"It falls."', '"It does fall."') == 1
    assert [times(), times("# A note.", "# Another note.")] == [1, 0]
    drawn[-1].unlink()
    assert times() == 1


@pytest.mark.parametrize("name", ["statistics/measures/fluctuation.py", "figures/theme.py"])
def test_figures_follow_the_code_that_draws_them(package: Path, edited, write, name: str):
    resolved, stored = write(), {"a": 1}
    before = figure_digest(resolved, stored, package)
    assert before == figure_digest(resolved, stored)
    assert before != figure_digest(resolved, {"a": 2}, package)
    edited(name, "\nfrom ", "\nADDED = 1\nfrom ")
    assert before != figure_digest(resolved, stored, package)
