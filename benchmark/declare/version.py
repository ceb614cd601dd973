"""The version of this package."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DISTRIBUTION = "fluctuation-benchmark"
_UNKNOWN = "0+unknown"


def find_version(package: Path) -> str:
    """The version of the package in a folder, or ``"0+unknown"`` (PEP 440) without any.

    In a source tree that is what ``pyproject.toml`` says: there what is installed may be
    another version, or none. Elsewhere it is what the installation says.
    """
    declared = _declared(package.parent / "pyproject.toml")
    if declared is not None:
        return declared
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return _UNKNOWN


def _declared(path: Path) -> str | None:
    """The version that a ``pyproject.toml`` gives, if it is that of this package."""
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return str(project["version"]) if project["name"] == DISTRIBUTION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


__version__ = find_version(Path(__file__).resolve().parents[1])
