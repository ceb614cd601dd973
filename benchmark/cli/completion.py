"""Completion in the shell, as typer has it, of the command `fluctuations`."""

from collections.abc import Sequence
from contextlib import suppress

import shellingham

from benchmark.declare.errors import UserError, require
from benchmark.declare.places import scenario_files

PROGRAM = "fluctuations"
"""The console script of ``pyproject.toml``."""
_OPTIONS = ("--install-completion", "--show-completion")
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def program(words: Sequence[str]) -> str | None:
    """What the command line is called, if that is not how it was called; else None.

    Completion belongs to a command with a name of its own. Under ``python -m benchmark``
    typer would complete the command ``python``, whatever that is to run.

    Args:
        words: what was typed after the name.

    Raises:
        UserError: completion is asked for in a shell that has none; typer's own answer would
            be no mistake.
    """
    if not words or words[0] not in _OPTIONS:
        return None
    shell = None
    # Beside that of a failure: on systems of which it knows nothing.
    with suppress(shellingham.ShellDetectionFailure, RuntimeError):
        shell, _ = shellingham.detect_shell()
    require(
        shell in _SHELLS,
        f"The shell is {shell or 'unknown'}, but must be one of {', '.join(_SHELLS)}: call "
        "this from within the shell that is to complete commands.",
    )
    return PROGRAM


def scenario_names(incomplete: str) -> list[str]:
    """Names of scenarios that begin as typed; none where scenarios cannot be found."""
    try:
        return [name for name in scenario_files() if name.startswith(incomplete)]
    except UserError:
        return []
