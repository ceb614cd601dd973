"""Where files are; imports nothing heavy, so that commands can look at once.

Two folders have to be told apart. What *came* with the package (scenarios, reference results,
the text of the paper) is only read. What is one's *own* (results, new scenarios) is written.
In a clone, also one installed with ``pip install -e``, both are the clone. Installed from a
wheel, what came lies in the environment and stays as it is, and one's own is the current
folder: its ``results/``, and its ``scenarios/`` if there are any.

A wheel holds these files as data, ``share/fluctuation-benchmark/…`` below the prefix of the
environment, and not beside the modules: code below ``site-packages`` counts as installed, so
that it is not sent to workers and not part of what identifies results
(`benchmark.declare.source.is_installed`), and scenarios are no such code.
"""

from collections.abc import Sequence
from pathlib import Path

from benchmark.declare.errors import require

SHARE = Path("share", "fluctuation-benchmark")
"""Where a wheel puts its data, below a prefix; ``pyproject.toml`` lists them."""
_DEPTH = 4
"""Folders from the package up to the prefix: ``PREFIX/lib/python3.x/site-packages``."""
_PACKAGE = Path(__file__).absolute().parents[1]


def project_root() -> Path:
    """The folder of one's own ``scenarios/`` and ``results/``: all that is written goes there.

    That is the clone that this package lies in, or else the current folder.
    """
    return _clone(_PACKAGE) or Path.cwd()


def shipped_root() -> Path:
    """The folder of the ``scenarios/``, ``results/reference/`` and ``paper/`` that came along.

    That is the clone that this package lies in, or else where a wheel has put its data; if
    they are in neither, the current folder. Nothing is ever written there unless it is one's
    own folder, too.
    """
    return _clone(_PACKAGE) or _shared(_PACKAGE) or Path.cwd()


def _clone(package: Path) -> Path | None:
    """The clone that a package lies in, if it lies in one."""
    folder = package.resolve().parent
    # Another package's `scenarios` beside an installed one makes no clone.
    is_clone = (folder / "scenarios").is_dir() and (folder / "pyproject.toml").is_file()
    return folder if is_clone else None


def _shared(package: Path) -> Path | None:
    """Where the data of an installed package are.

    They are looked for from the package upwards and not below `sys.prefix`, which is another
    one for ``pip install --user``, ``--target`` and ``--prefix``, and where an environment
    sees the packages of the system. Links are not followed: some installers link files to a
    store of their own.
    """
    above = (prefix / SHARE for prefix in package.parents[:_DEPTH])
    return next((folder for folder in above if folder.is_dir()), None)


def scenario_files(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Name → file of all scenarios; of two with one name the later wins.

    First come those that came with the package, then one's own in ``scenarios/`` of
    `project_root`, if there is such a folder, then those of `folders`.

    Raises:
        UserError: a folder does not exist.
    """
    files: dict[str, Path] = {}
    own = project_root() / "scenarios"
    known = [shipped_root() / "scenarios", *([own] if own.is_dir() else []), *folders]
    for folder in dict.fromkeys(known):
        require(folder.is_dir(), f"The scenario folder {str(folder)!r} does not exist.")
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                files[path.stem] = path
    return files


def reference_name(scenario: str, scale: str) -> str:
    """Name of the file of a scenario's reference results."""
    return f"{scenario}-{scale}.nc"
