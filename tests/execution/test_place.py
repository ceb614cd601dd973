"""The folder of compiled programs."""

import os
import stat
from pathlib import Path

import pytest

from benchmark.execution.place import cache_folder


def test_no_home_and_no_entry_among_users(monkeypatch):
    for name in ("HOME", "XDG_CACHE_HOME", "BENCHMARK_CACHE"):
        monkeypatch.delenv(name, raising=False)

    def stranger(*_: object) -> None:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("pwd.getpwuid", stranger)
    with pytest.raises(RuntimeError):
        Path.home()
    assert cache_folder() is None


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_only_a_folder_of_ones_own_is_executed_from(tmp_path: Path, monkeypatch):
    made = tmp_path / "new" / "cache"
    monkeypatch.setenv("BENCHMARK_CACHE", str(made))
    assert cache_folder() == made
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    made.chmod(0o755)
    assert cache_folder() == made
    for shared in (0o777, 0o770, 0o1777):
        made.chmod(shared)
        assert cache_folder() is None
        assert stat.S_IMODE(made.stat().st_mode) == shared, "not ours to change"
    made.chmod(0o700)
    owner = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    assert cache_folder() is None
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
