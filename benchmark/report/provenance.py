"""How results were made: by which devices, packages and code."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.store.reference import Reference
from benchmark.store.results import Stock


@dataclass(frozen=True)
class Provenance:
    """How results were made.

    Attributes:
        published: whether they are the project's reference and not one's own.
        devices: kinds of devices.
        versions: package → versions.
        codes: digests of the code.
    """

    published: bool
    devices: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]
    codes: tuple[str, ...]


def provenance(stock: Stock) -> Provenance:
    """How the results of a scenario were made."""
    if isinstance(stock, Reference):
        about = stock.about
        told = {key: about[key] for key in ("devices", "versions", "code")}
    else:
        blocks = [block for runs in stock.all_runs() for block in runs.attributes]
        keys = {"devices": "device", "versions": "versions", "code": "code"}
        told = {key: [str(block[of]) for block in blocks] for key, of in keys.items()}
    versions = _merged(
        {package: (version,) for package, version in json.loads(text).items()}
        for text in sorted(set(told["versions"]))
    )
    return Provenance(
        isinstance(stock, Reference),
        tuple(sorted(set(told["devices"]))),
        versions,
        tuple(sorted(set(told["code"]))),
    )


def together(parts: Iterable[Provenance]) -> Provenance:
    """How several results were made; published only if all are."""
    held = list(parts)
    return Provenance(
        all(part.published for part in held),
        tuple(sorted({device for part in held for device in part.devices})),
        _merged(part.versions for part in held),
        tuple(sorted({code for part in held for code in part.codes})),
    )


def _merged(parts: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for part in parts:
        for package, versions in part.items():
            found.setdefault(package, set()).update(versions)
    return {package: tuple(sorted(versions)) for package, versions in found.items()}
