"""Mistakes are one sentence, help has examples, and pipes may break."""

import os
import subprocess
from pathlib import Path

import pytest

from helpers.shell import Shell, alone

# --- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run smal", "Did you mean 'small'?"),
        ("show batchsize", "Did you mean 'batch_size'?"),
        ("run", "Name a scenario (see `list`), or give --all."),
        ("summary", "Missing argument"),
        ("run small --set training.batchsize=4", "Did you mean 'batch_size'?"),
        ("run small --set trainig.batch_size=4", "Did you mean 'training.batch_size'?"),
        ("run small --set training.batch_size=four", "a whole number or 'full'"),
        ("run small --set training.batch_size=2.5", "a whole number or 'full'"),
        ("run small --set training.batch_size=4,", "a whole number or 'full'"),
        ("run small --set training.batch_size=9", "only 8 training samples"),
        ("run small --set optimizer.learning_rate=-1", "must be at least 0"),
        ("run small --set optimizer.learning_rate=nan", "must be a number"),
        ("run small --set training.batch_size", "must be PATH=VALUE"),
        ("run small --set =4", "must be PATH=VALUE"),
        ("run small --set task=Digits", "task is a part"),
        ("run small --scale papre", "Did you mean 'paper'?"),
        ("run small --seeds 1", "seeds is 1, but must be at least 2"),
        ("run small --seeds two", "--seeds"),
        ("run small --seeds", "--seeds"),
        ("run small --sede 3", "No such option: --sede"),
        ("run small --device tpu", "device is 'tpu', but must be one of"),
        ("run small --device gpu", "device is 'gpu'"),
        ("run small --shard 3/2", "--shard is '3/2', but must be i/n"),
        ("frobnicate", "frobnicate"),
        ("status nothing", "The scenario is 'nothing'"),
        ("show small --scenarios /nowhere", "folder '/nowhere' does not exist"),
        ("run small --results /dev/null/below", "cannot be written"),
        ("new Small", "lower-case letters, digits and underscores"),
        ("new 2nd", "lower-case letters, digits and underscores"),
        ("new ../up", "lower-case letters, digits and underscores"),
        ("new fresh --from smal", "Did you mean 'small'?"),
    ],
)
def test_a_mistake_is_one_sentence(shell: Shell, folder: Path, tmp_path, words: str, said: str):
    given = words.split()
    if given != ["frobnicate"]:
        given[1:1] = ["--scenarios", str(folder)]
        if given[0] in ("run", "summary", "status"):
            given[1:1] = ["--results", str(tmp_path)]
    assert said in shell.refuses(*given)


def test_a_mistake_has_no_traceback_in_a_real_process(folder: Path):
    ended = alone("run", "smal", "--scenarios", folder, capture_output=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1 and "Did you mean 'small'?" in ended.stderr


def test_without_a_command_the_help_is_shown():
    ended = alone(capture_output=True)
    assert ended.returncode == 2
    for name in ("list", "show", "run", "status", "summary", "figures", "new"):
        assert f"  {name} " in ended.stdout + ended.stderr


# --- pipes --------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("words", ["list", "list --json", "show quadratic", "status"])
def test_a_reader_that_has_gone_is_no_error(words: str):
    reader, writer = os.pipe()
    os.close(reader)
    # Buffered, as in a shell: the pipe is found broken as late as possible.
    env = {name: held for name, held in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        ended = alone(*words.split(), stdout=writer, stderr=subprocess.PIPE, env=env)
    finally:
        os.close(writer)
    assert ended.stderr == ""


# --- help and hints -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting, said",
    [
        ("batch_size=8", "no setting 'batch_size'. Did you mean 'training.batch_size' or"),
        ("optimizer=Adam", "optimizer is a part, which only a scenario file can replace"),
        ("training.epochs=2,2", "a level is given twice"),
    ],
)
def test_slips_of_settings(shell: Shell, folder: Path, setting: str, said: str):
    assert said in shell.refuses("show", "small", "--scenarios", folder, "--set", setting)


def test_the_nearest_name_comes_before_the_list(shell: Shell):
    said = shell.refuses("show", "batch_sise")
    assert said.startswith("The scenario is 'batch_sise'. Did you mean 'batch_size'?")


def test_every_help_has_an_example(shell: Shell):
    for name in ("run", "list", "merge", "summary", "check"):
        assert f"Example: python -m benchmark {name}" in shell(name, "--help").out
