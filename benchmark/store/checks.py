"""What the checks found, kept beside the reference results: theory and simulation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.declare.errors import UserError
from benchmark.store.atomic import write

NAME = "checks.json"


@dataclass(frozen=True)
class Checked:
    """Comparisons of simulation and theory.

    Attributes:
        scale: "quick" or "full".
        comparisons: as ``check --json`` prints them.
    """

    scale: str
    comparisons: tuple[Mapping[str, Any], ...]


def store_checks(folder: Path, scale: str, comparisons: Sequence[Mapping[str, Any]]) -> Path:
    """Write them to ``checks.json`` in a folder; the same numbers give the same bytes.

    Raises:
        UserError: the file cannot be written.
    """
    content = {"scale": scale, "comparisons": [_rounded(each) for each in comparisons]}
    return write(folder / NAME, json.dumps(content, indent=1, ensure_ascii=False))


def read_checks(folder: Path) -> Checked | None:
    """The comparisons kept in a folder, or None if there are none.

    Raises:
        UserError: the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Checked(content["scale"], tuple(content["comparisons"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is damaged; make it anew: python -m benchmark check --save"
        ) from error


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Six digits: beyond them machines differ."""
    return {
        name: float(f"{value:.6g}") if isinstance(value, float) else value
        for name, value in row.items()
    }
