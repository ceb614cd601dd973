"""Loads scenario files: every one defines ``scenario``."""

import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmark.declare.errors import UserError, one_of, require, told
from benchmark.declare.places import scenario_files
from benchmark.declare.scenario import Scenario
from benchmark.declare.source import TEXT


def load_file(path: Path) -> Scenario:
    """The scenario declared in a file.

    Raises:
        UserError: the file raises, calls for the end of the program, or defines no `scenario`.
    """
    module_name = f"benchmark_scenario_{path.stem}"
    require(path.is_file(), f"The scenario file {path} is no file.")
    spec = importlib.util.spec_from_file_location(module_name, path)
    require(spec is not None and spec.loader is not None, f"{path} is no Python file.")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Registered before execution: dataclasses look their module up by name.
    sys.modules[module_name] = module
    try:
        # Not by the loader: its cache takes an edit within a second for none.
        text = importlib.util.decode_source(path.read_bytes())
        setattr(module, TEXT, text)
        exec(compile(text, path, "exec", dont_inherit=True), vars(module))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # `sys.exit()` in a scenario is a mistake of that file and must not end a command.
        raise UserError(
            f"The scenario file {_place(path, error)} could not be loaded: {_said(error)}"
        ) from error
    declared = getattr(module, "scenario", None)
    if not isinstance(declared, Scenario):
        raise UserError(f"{path} must define `scenario = Scenario(...)`.")
    return declared.named(path.stem)


def _place(path: Path, error: BaseException) -> str:
    """The file, and the last of its lines that the error went through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    if isinstance(error, SyntaxError):
        lines = [error.lineno] if error.lineno else []
    return f"{path}, line {lines[-1]}" if lines else str(path)


def _said(error: BaseException) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, SystemExit):
        return "it calls sys.exit(), which a scenario must not."
    return told(error)


def find(name: str, folders: Sequence[Path] = ()) -> Scenario:
    """The scenario called `name`.

    Raises:
        UserError: there is none; names the closest.
    """
    files = scenario_files(folders)
    one_of("The scenario", name, files)
    return load_file(files[name])
