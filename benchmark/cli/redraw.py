"""Draws a scenario's figures only if something they show has changed."""

import json
from pathlib import Path

from benchmark.answers.answer import Answer
from benchmark.declare.identity import figure_digest
from benchmark.store.atomic import write
from benchmark.store.results import Results

_STAMP = "drawn.json"


def figures_of(answer: Answer, results: Results, folder: Path | None = None) -> list[Path]:
    """The PNG files of a scenario's figures, drawn anew where what they show has changed.

    Drawing takes seconds, most of them for importing seaborn; finished work answers at once.

    Args:
        answer: what they show.
        results: what it was computed from.
        folder: where they go (default: ``figures`` beside the blocks).
    """
    folder = folder or results.folder / "figures"
    shown = _shown(results)
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
        paths = [folder / name for name in stamp["files"]]
        if stamp["shown"] == shown and all(path.is_file() for path in paths):
            return paths
    except (OSError, ValueError, KeyError):
        # No stamp, or not one of ours: draw.
        pass
    from benchmark.figures import draw

    paths = draw(answer, folder)
    stamp = {"shown": shown, "files": [path.name for path in paths]}
    write(folder / _STAMP, json.dumps(stamp))
    return paths


def _shown(results: Results) -> str:
    """Digest of everything figures depend on: blocks, declaration, drawing code."""
    stored = {}
    for block in results.all_blocks():
        path = results.path(block)
        if path.exists():
            stored[path.name] = path.stat().st_mtime_ns
    return figure_digest(results.resolved, stored)
