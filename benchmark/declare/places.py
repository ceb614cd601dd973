"""Where scenario files are; imports nothing, so that commands can look at once."""

from collections.abc import Sequence
from pathlib import Path

from benchmark.declare.errors import require


def project_root() -> Path:
    """The folder that holds ``scenarios/``, ``results/`` and ``paper/``.

    That is the clone that this package lies in. Installed without one (not with ``pip install
    -e``) the package brings no scenarios: it is the current folder.
    """
    clone = Path(__file__).resolve().parents[2]
    return clone if (clone / "scenarios").is_dir() else Path.cwd()


def scenario_files(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Name → file of all scenarios; own `folders` come after the project's and win.

    Raises:
        UserError: a folder does not exist.
    """
    files: dict[str, Path] = {}
    for folder in (project_root() / "scenarios", *folders):
        require(folder.is_dir(), f"The scenario folder {str(folder)!r} does not exist.")
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                files[path.stem] = path
    return files


def reference_name(scenario: str, scale: str) -> str:
    """Name of the file of a scenario's reference results."""
    return f"{scenario}-{scale}.nc"
