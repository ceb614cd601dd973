"""The paper: no unresolved numbers, and results that reach the page."""

from pathlib import Path
from typing import Any

import pytest

import typecheck
from benchmark.answers.answer import answers
from benchmark.declare.errors import UserError
from benchmark.paper import build, typeset
from benchmark.posts import statements
from helpers.made_up import CHECKED, TEXT, stocks, told

# Answers of the whole catalogue are thousands of small calls.
pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with typecheck.unchecked():
        return told(answers(stocks(tmp_path_factory.mktemp("none")))).as_json()


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


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
