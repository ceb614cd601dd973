"""A file is there whole or not at all."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from benchmark import UserError
from benchmark.store.atomic import clear_leftovers, replacing, write


@pytest.mark.parametrize("lasting", [False, True])
def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path, lasting: bool):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with replacing(path, lasting) as aside:
        aside.write_text("after")
        assert path.read_text() == "before"
        assert aside.name.endswith(f".{socket.gethostname()}.{os.getpid()}.part")
    assert path.read_text() == "after" and list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_everything_as_it_was(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(ValueError), replacing(path) as aside:
        aside.write_text("half")
        raise ValueError
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def test_writing_makes_folders_or_says_why_not(tmp_path: Path):
    path = write(tmp_path / "new" / "a.txt", "Σ\n")
    assert path.read_bytes() == "Σ\n".encode()
    with pytest.raises(UserError, match="could not be written: File exists"):
        write(path / "b.txt", b"")


def test_only_what_dead_processes_of_this_machine_left_is_cleared(tmp_path: Path):
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    host, dead = socket.gethostname(), gone.pid
    kept = {
        f"a.nc.{host}.{os.getpid()}.part",
        f"a.nc.another.{host}.{dead}.part",
        f"a.txt.{host}.{dead}.part",
        "thesis.part",
    }
    for name in (*kept, f"a.nc.{host}.{dead}.part"):
        (tmp_path / name).touch()
    clear_leftovers(tmp_path, ".nc")
    assert {path.name for path in tmp_path.iterdir()} == kept
