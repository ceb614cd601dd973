"""Figures are drawn anew when what they show has changed."""

import sys
from pathlib import Path
from types import SimpleNamespace

from benchmark.answers.answer import Answer, answer
from benchmark.cli.redraw import figures_of
from benchmark.store.results import Results


def test_figures_are_drawn_anew_when_what_they_show_has_changed(
    write_own, tmp_path: Path, monkeypatch
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
        held = Results.at(write_own(*edit), tmp_path)
        assert figures_of(answer(held), held) == drawn[-1:]
        return len(drawn) - before

    assert [times(), times()] == [1, 0]
    assert times("figure.suptitle(TITLE)", "figure.suptitle(TITLE + '!')") == 1
    assert times('TITLE = "first"', 'TITLE = "second"') == 1
    assert times("curve.max(-1)", "curve.min(-1)") == 1
    assert times('"It falls."', '"It does fall."') == 1
    assert [times(), times("# A note.", "# Another note.")] == [1, 0]
    drawn[-1].unlink()
    assert times() == 1
