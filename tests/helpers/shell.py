"""The command line, called in this process."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmark.cli.app import main


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
        (sentence,) = err.splitlines()
        assert sentence
        return sentence
