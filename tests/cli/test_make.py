"""`new`."""

from pathlib import Path
from typing import Any

from benchmark.declare.load import load_file
from helpers.scenarios import SMALL
from helpers.shell import Shell


def test_new_writes_a_copy_and_never_over_a_file(shell: Shell, tmp_path: Path):
    (tmp_path / "small.py").write_text(SMALL)
    words = ["new", "mine", "--from", "small", "--scenarios", tmp_path]
    status, out, err = shell(*words)
    assert (status, err) == (0, "")
    assert "python -m benchmark run mine" in out
    path = tmp_path / "mine.py"
    assert path.read_text() == SMALL
    assert load_file(path).name == "mine"
    path.write_text(SMALL + "# edited")
    assert f"{path} is already there" in shell.refuses(*words)
    assert path.read_text() == SMALL + "# edited"


def test_new_into_a_folder_that_cannot_be_written(shell: Shell, folder: Path, monkeypatch):
    def refused(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refused)
    said = shell.refuses("new", "mine", "--scenarios", folder)
    assert said == f"{folder / 'mine.py'} could not be written: Permission denied."
