"""What was run with other settings than declared, so that it is found again."""

import json
from dataclasses import dataclass
from pathlib import Path

from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError
from benchmark.store.atomic import write

FOLDER = "variants"


@dataclass(frozen=True)
class Variant:
    """A scenario that was run with settings, or a number of seeds, of somebody's own.

    Attributes:
        asked: what was changed; nothing where the plain scenario was run in parts.
        shards: parts of it that were run apart, such as "1/2".
    """

    asked: Asked
    shards: tuple[str, ...] = ()


def remember(folder: Path, variant: Variant) -> None:
    """Keep a variant beside the blocks of its scenario.

    Raises:
        UserError: the file cannot be written.
    """
    asked = variant.asked
    known = next((each for each in variants(folder) if each.asked.name == asked.name), None)
    shards = sorted({*variant.shards, *(known.shards if known else ())})
    content = {
        "scale": asked.scale,
        "seeds": asked.seeds,
        "settings": dict(asked.settings),
        "shards": shards,
    }
    write(folder / FOLDER / f"{asked.name}.json", json.dumps(content, indent=1))


def variants(folder: Path) -> list[Variant]:
    """All that are kept in the folder of a scenario; files that are none of ours are not."""
    known = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            settings = {str(key): str(text) for key, text in content["settings"].items()}
            seeds = None if content["seeds"] is None else int(content["seeds"])
            asked = Asked(str(content["scale"]), seeds, settings)
            shards = tuple(map(str, content["shards"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        # Told by its content, so that one that was copied or edited is not another.
        if asked.name == path.stem:
            known.append(Variant(asked, shards))
    return known


def variant_named(folder: Path, name: str) -> Variant:
    """The variant of a short name, or of the beginning of one.

    Raises:
        UserError: there is none, or there are several.
    """
    every = variants(folder)
    matches = [each for each in every if name and each.asked.name.startswith(name)]
    if len(matches) != 1:
        known = ", ".join(each.asked.name for each in every) or "none"
        raise UserError(
            f"The variant is {name!r}, but must be the beginning of exactly one of those that "
            f"are stored in {folder}: {known}."
        )
    return matches[0]
