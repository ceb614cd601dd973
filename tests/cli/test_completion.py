"""The name of the command line, its version, and its completion in the shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import shellingham

import benchmark
from benchmark.cli.completion import PROGRAM, scenario_names
from benchmark.declare import places
from benchmark.declare.places import scenario_files
from helpers.shell import Shell

ROOT = Path(benchmark.__file__).parents[1]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capsys, monkeypatch)


def test_version(shell: Shell):
    assert shell("--version") == (0, f"{PROGRAM} {benchmark.__version__}\n", "")
    assert "No such option" in shell.refuses("list", "--version")


def test_help_names_all(shell: Shell):
    status, out, err = shell("--help")
    assert (status, err) == (0, "")
    for word in ("--version", "--install-completion", "--show-completion", "  run ", "  list "):
        assert word in out


def complete(*words: str) -> list[str]:
    """What the shell is offered for the last of the words."""
    asks = {
        "_FLUCTUATIONS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join((PROGRAM, *words)),
        "COMP_CWORD": str(len(words)),
        "PYTHONPATH": str(ROOT),
    }
    called = (
        f"import sys; sys.argv[0] = {PROGRAM!r}; from benchmark.cli.app import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", called],
        env={**os.environ, **asks},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


def test_commands_options_and_scenarios_are_completed():
    assert complete("su") == ["summary"]
    assert complete("run", "--sh") == ["--shard"]
    assert complete("run", "quadratic", "batch") == ["batch_norm", "batch_size"]
    assert complete("new", "mine", "--from", "quad") == ["quadratic"]


def test_names_are_completed_only_where_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert scenario_names("") == list(scenario_files())
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "benchmark")
    monkeypatch.chdir(tmp_path)
    assert scenario_names("") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_is_installed_for_the_command_of_its_own_name(
    name: str, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Under ``python -m benchmark``, too: it must never be completion of ``python``."""
    monkeypatch.setattr(shellingham, "detect_shell", lambda: (name, f"/bin/{name}"))
    monkeypatch.setenv("HOME", str(tmp_path))
    status, out, err = shell("--show-completion")
    assert (status, err) == (0, "")
    assert PROGRAM in out and "python" not in out
    assert shell("--install-completion").status == 0
    (written,) = (path for path in tmp_path.rglob(f"*{PROGRAM}*") if path.is_file())
    assert written.read_text().strip() == out.strip()


def unknown() -> tuple[str, str]:
    raise shellingham.ShellDetectionFailure


def no_such_system() -> tuple[str, str]:
    raise RuntimeError("Shell detection not implemented")


@pytest.mark.parametrize(
    ("detect", "said"),
    [
        (lambda: ("dash", "/bin/dash"), "The shell is dash, but must be one of bash, zsh,"),
        (unknown, "The shell is unknown, but"),
        (no_such_system, "The shell is unknown, but"),
    ],
)
def test_a_shell_without_completion_is_a_sentence(
    detect, said: str, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shellingham, "detect_shell", detect)
    monkeypatch.setenv("HOME", str(tmp_path))
    for option in ("--install-completion", "--show-completion"):
        assert shell.refuses(option).startswith(said)
    assert not list(tmp_path.iterdir())
