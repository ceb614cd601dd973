"""The paper: no typed results, no unresolved numbers, and results that reach the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.answers.answer import Answer, answers
from benchmark.answers.overview import overview
from benchmark.cli.app import app
from benchmark.declare.errors import UserError
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.declare.scenario import Resolved
from benchmark.measures import VonNeumann
from benchmark.paper import build, collect, typeset
from benchmark.paper.content import Content
from benchmark.paper.figures import draw_headlines, drawn_scenarios
from benchmark.posts import posts, statements
from benchmark.store.checks import Checked, read_checks, store_checks
from benchmark.store.results import Results, Runs, Stock

TEXT = Path(__file__).parents[1] / "paper"
CURVES = ("running_train", "train", "validation", "seen_validation")


@dataclass(frozen=True)
class MadeUp:
    """Runs of white noise under every condition; `louder` scales those of the last one."""

    resolved: Resolved
    folder: Path
    louder: float = 1.0

    def all_runs(self) -> list[Runs]:
        conditions = self.resolved.conditions
        return [
            Runs(condition, np.arange(4), self._series(place, place == len(conditions) - 1))
            for place, condition in enumerate(conditions)
        ]

    def _series(self, place: int, last: bool) -> dict[str, np.ndarray]:
        draws = np.random.default_rng(place)
        size = 0.05 * (self.louder if last else 1.0)
        held = {
            f"{curve}_{metric}": 0.5 + size * draws.random((4, 13))
            for curve in CURVES
            for metric in ("loss", "accuracy")
        }
        steps = {name: draws.integers(0, 2, (4, 13, 6)) * 1.0 for name in STEPS}
        return held | steps


STEPS = ("step_rise", "step_corrupted")
CHECKED = Checked(
    "quick",
    (
        {"name": "floor", "bound": "", "predicted": 2.0, "simulated": 2.1,
         "standard_error": 0.04, "allowance": 0.01, "ratio": 1.05, "z": 2.5, "holds": True},
        {"name": "edge", "bound": "≥", "predicted": 0.1, "simulated": 0.3,
         "standard_error": 0.0, "allowance": 0.0, "ratio": 3.0, "z": None, "holds": True},
    ),
)  # fmt: skip


def stocks(folder: Path, *made_up: str, louder: float = 1.0) -> dict[str, Stock]:
    """All scenarios without results, but for those that are made up."""
    found: dict[str, Stock] = {}
    for name, path in scenario_files().items():
        resolved = load_file(path).resolve()
        made = MadeUp(resolved, folder, louder)
        found[name] = made if name in made_up else Results.at(resolved, folder / "none")
    return found


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return told(answers(stocks(tmp_path_factory.mktemp("none")))).as_json()


def told(every: Mapping[str, Answer], checked: Checked | None = None) -> Content:
    """What the paper's text may use."""
    return collect(every, overview(each.part for each in every.values()), checked, {})


def test_text_types_no_results() -> None:
    """Digits stand in macros' arguments, mathematics and `#k[…]`, and nowhere else."""
    text = (TEXT / "main.typ").read_text(encoding="utf-8")
    for hidden in (
        r"#k\[[^]]*\]",
        r"\"[^\"]*\"",
        r"\$[^$]*\$",
        r"`[^`]*`",
        r"@[\w-]+",
        r"most: \d",
    ):
        text = re.sub(hidden, "", text)
    prose = "\n".join(
        line for line in text.splitlines() if not line.startswith(("#let", "#set", "  "))
    )
    assert re.findall(r".*\d.*", prose) == []


def test_text_types_no_verdicts() -> None:
    """A verdict that is typed would stay when the data change."""
    text = (TEXT / "main.typ").read_text(encoding="utf-8")
    claims = re.findall(r"#v\(\"([^\"]+)\"\)", text)
    assert len(claims) > 50
    assert not re.search(r"\bis (supported|refuted|undecided)\b", text)


def test_same_content_same_bytes(content: dict[str, Any], tmp_path: Path) -> None:
    first, second = (
        typeset(content, _folder(tmp_path / name), TEXT, tmp_path / f"{name}.pdf").read_bytes()
        for name in ("a", "b")
    )
    assert first == second
    assert first.startswith(b"%PDF")


@pytest.mark.parametrize("part", ["claims", "facts", "suspects"])
def test_what_is_not_generated_stops_the_build(
    content: dict[str, Any], tmp_path: Path, part: str
) -> None:
    changed = {**content, part: dict(list(content[part].items())[:1])}
    with pytest.raises(UserError, match="could not be typeset"):
        typeset(changed, _folder(tmp_path / "none"), TEXT, tmp_path / "paper.pdf")
    assert not (tmp_path / "paper.pdf").exists()


def test_every_statement_is_in_the_table(content: dict[str, Any]) -> None:
    rows = [(row["post"], row["says"]) for row in content["statements"]]
    assert rows == [(each.post, each.says) for each in statements()]
    assert all(row["claim"] for row in content["statements"])


def test_a_changed_result_changes_the_paper(tmp_path: Path) -> None:
    pages = [
        build(
            stocks(tmp_path, "data_quality", louder=louder), None, TEXT, tmp_path / "p.pdf"
        ).read_bytes()
        for louder in (1.0, 1.0, 3.0)
    ]
    assert pages[0] == pages[1]
    assert pages[0] != pages[2]


def test_a_changed_result_changes_the_numbers(tmp_path: Path) -> None:
    calm, loud = (
        told(answers(stocks(tmp_path, "data_quality", louder=x)), CHECKED) for x in (1.0, 3.0)
    )
    place = "data_quality/variety-calms"
    assert calm.claims[place]["estimate"] != loud.claims[place]["estimate"]
    assert calm.claims["dropout/printed-loss-jumps"]["estimate"] == "–"
    assert calm.facts["checks"] == "2"


def test_headlines_are_drawn_where_results_are_whole(tmp_path: Path) -> None:
    cases = [post.rebuilt.scenario for post in posts()]
    held = stocks(tmp_path, "label_noise", "dataset_size", *cases)
    every = answers(held, drawn_scenarios())
    together = overview(each.part for each in every.values())
    drawn = draw_headlines(every, together, CHECKED, tmp_path, ("svg",))
    assert {"causes_ranked", "cures_ranked", "sizes", "mislabelled", "posts", "theory"} == set(
        drawn
    )
    assert all(path.with_suffix(".svg").stat().st_size > 10_000 for path in drawn.values())


def test_logs_are_as_printed() -> None:
    """Post A's accuracies are those of 128 samples; post B's alternate in all 39 epochs."""
    logs = {post.letter: post.log for post in posts() if post.log is not None}
    assert logs.keys() == {"A", "B"}
    seen = np.array(logs["A"].val_acc) * 128
    assert np.abs(seen - seen.round()).max() < 0.01
    accuracy = np.array(logs["B"].val_acc)
    assert len(accuracy) == 39
    assert VonNeumann("accuracy").of_curves(accuracy[None])[0] > 3.7
    assert (np.diff(accuracy)[1:] * np.diff(accuracy)[:-1] < 0).all()


def test_checks_are_kept(tmp_path: Path) -> None:
    assert read_checks(tmp_path) is None
    path = store_checks(tmp_path, CHECKED.scale, CHECKED.comparisons)
    assert read_checks(tmp_path) == CHECKED
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="check --save"):
        read_checks(tmp_path)


def test_commands_without_results_say_so(tmp_path: Path) -> None:
    for command in (["paper"], ["figures", "--headline"]):
        for folder in ("--results", "--reference"):
            with pytest.raises(UserError, match="There are no results of any scenario"):
                app([*command, folder, str(tmp_path)], standalone_mode=False)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
