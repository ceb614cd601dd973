"""The command line, in this process and in one of its own."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmark.cli.app import main
from helpers import ROOT

PROGRESS = re.compile(r"(drawing|reading|judging) \d+/\d+ ")


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Calls the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch):
        self._capsys, self._patch = capsys, patch

    def __call__(self, *words: str | Path) -> Ended:
        self._patch.setattr(sys, "argv", ["benchmark", *map(str, words)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out, err)

    def refuses(self, *words: str | Path) -> str:
        """The one sentence that a mistake is answered with."""
        status, out, err = self(*words)
        assert status == 2, err
        assert out == ""
        # Where it takes long, progress is told before.
        said = [line for line in err.splitlines() if not PROGRESS.match(line)]
        assert len(said) == 1, err
        return said[0]


def alone(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """``python -m benchmark`` in a process of its own."""
    call = [sys.executable, "-m", "benchmark", *map(str, words)]
    return subprocess.run(call, **{"cwd": ROOT, "text": True, "timeout": 300} | more)


def python(code: str, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """A few lines of Python in a process of their own, with what they print."""
    call = [sys.executable, "-c", code, *map(str, words)]
    given = {"cwd": ROOT, "text": True, "capture_output": True, "timeout": 300}
    return subprocess.run(call, **given | more)
