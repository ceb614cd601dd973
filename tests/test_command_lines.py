"""Random command lines: whatever is typed, the answer is an answer or one sentence.

``COMMAND_LINES=10000`` tries as many in this process, ``COMMAND_LINES_ALONE=500`` as many in
processes of their own; ``COMMAND_LINES_FROM`` is the seed of the first.
"""

import contextlib
import io
import os
import random
import signal
import socket
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from benchmark.cli.app import app, main
from helpers import ROOT
from helpers.scenarios import computed

COUNT = int(os.environ.get("COMMAND_LINES", "200"))
ALONE = int(os.environ.get("COMMAND_LINES_ALONE", "0"))
FIRST = int(os.environ.get("COMMAND_LINES_FROM", "0"))
PATIENCE = 300
"""Seconds after which a command hangs; all that is tried is small."""

TINY = """
from benchmark import (
    SGD, Claim, Condition, Increases, Level, Point, Quadratic, Scenario, Training,
)

scenario = Scenario(
    question="Is [/bold] it small?", says="Yes.",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=3, batch_size=4)),
    vary={"optimizer.learning_rate": (0.1, 0.2)},
    claims=(Claim("c", "It is.", Level("train_loss"), Increases("optimizer.learning_rate")),),
    seeds=2, block=2, scales={"paper": {"seeds": 3}},
)
"""
HOSTILE = [
    "", " ", "-", "--", "---", "-x", "\t", "a\nb", "\r", "\x1b[31m", "\x7f", "ü", "日本語",
    "🙂", "\udcff", "\ud800", "e\u0301", "\u202e", "x" * 255, "x" * 300, "y" * 5000, "[/bold]",
    "[", ":bug:", "{x}", "{", "%s%n", "$(id)", "`id`", "'", '"', "\\", "../..", "/proc", ".",
    "..", "~", "*", "=", "==", "a=", "=a", ",", ",,,", "1,2", "nan", "-nan", "inf", "-inf",
    "1e309", "1e-400", "-1", "0", "1", "2", "-0", "2.5", "1_0", "0x10", "²", "١٢", "True",
    "None", "null", "full", "9" * 18, "9" * 30, "9" * 400, "9" * 5000, "2147483648",
    "-9223372036854775809", "1/2", "2/1", "0/0", "1/" + "9" * 30, "a/b", "/dev/null",
    "/dev/zero", "/dev/full", "/proc/self/mem", "/etc/passwd", "/dev/null/x",
    "tcp://127.0.0.1:1", "tls://127.0.0.1:1", "tcp://", "ucx://x:1", "http://127.0.0.1:80",
    "tcp://[::1]:1", "quick", "paper", "cpu", "gpu", "inline", "tpu",
]  # fmt: skip
SETTINGS = [
    "optimizer.learning_rate", "training.batch_size", "training.order", "training", "task",
    "task.n_train", "optimizer", "model.widths", "sources.order", "evaluation.halves", "seeds",
    "training.schedule", "optimizer.learning_rate.x", "arm", "probes", "__class__", ".", "..",
]  # fmt: skip
NAMES = ["tiny", "tiny", "tiny", "broken", "leaves", "tin", "quadratic", "batch_size"]
COMMANDS = {
    "show": 30, "status": 18, "new": 10, "run": 7, "summary": 7, "reference": 4, "figures": 1,
    "list": 1, "causes": 3, "report": 1, "verify": 4, "paper": 3, "check": 3, "speed": 3,
    "parity": 3, "nothing": 2,
}  # fmt: skip
# Without a mistake these would take minutes.
LONG = {"verify", "paper", "check", "speed", "parity"}
STRANGE = ["--bogus", "--version", "-h", "--no-json", "--seed"]
SANE = {
    "--scale": ("quick", "paper"), "--seeds": ("2", "3"), "--shard": ("1/1", "2/2"),
    "--patience": ("5", "0.1"), "--output": ("out", "below/out"),
    "--from": ("quadratic",),
    "--results": ("own",), "--reference": ("made",), "--scenarios": (".",),
}  # fmt: skip
# What would write in the project's own folders, or compute for long, is always given.
SAFE = {
    "list": ["results"], "show": [], "status": ["results"], "new": [],
    "run": ["results", "device"], "summary": ["results"], "figures": ["results"],
    "causes": ["results"], "report": ["results"], "reference": ["results", "reference"],
    "verify": ["results", "device"], "paper": ["results"], "check": ["results"],
}  # fmt: skip


PARAMETERS = {
    name: {
        option: getattr(parameter, "is_flag", False)
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-") and not (option == "--all" and name in ("run", "verify"))
    }
    for name, command in get_command(app).commands.items()  # pyright: ignore
}
"""Command → option → whether it takes no value."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of scenarios and results, good and bad, and of odd paths."""
    made = tmp_path_factory.mktemp("lines")
    (made / "s").mkdir()
    (made / "new").mkdir()
    (made / "s" / "tiny.py").write_text(TINY)
    (made / "s" / "broken.py").write_text("1 / 0")
    (made / "s" / "leaves.py").write_text("import sys; sys.exit('[/bold]')")
    (made / "here" / "deep").mkdir(parents=True)
    (made / "odd").mkdir()
    (made / "odd" / "file").write_text("x")
    (made / "odd" / "folder ü [b]").mkdir()
    (made / "odd" / "dangling").symlink_to("nowhere")
    (made / "odd" / "loop").symlink_to("loop")
    os.mkfifo(made / "odd" / "pipe")
    (made / "odd" / "closed").mkdir(mode=0)
    with socket.socket(socket.AF_UNIX) as held:
        here = Path.cwd()
        os.chdir(made / "odd")
        held.bind("socket")
        os.chdir(here)
    computed(made / "s" / "tiny.py", made / "r")
    return made


def line(seed: int, place: Path) -> list[str]:
    """A random command line that cannot do harm outside of `place`, nor take long."""
    dice = random.Random(seed)
    odd = [str(path) for path in (place / "odd").iterdir()]

    def value() -> str:
        return dice.choice(odd) if dice.random() < 0.2 else dice.choice(HOSTILE)

    command = dice.choices(list(COMMANDS), list(COMMANDS.values()))[0]
    words = [dice.choice(HOSTILE) if command == "nothing" else command]
    given = {"results": place / "r", "reference": place / "ref", "device": "inline"}
    for name in SAFE.get(command, []):
        words += [f"--{name}", str(given[name])]
    if command not in ("paper", "check", "speed", "parity", "nothing"):
        # A copy of a large scenario must not be found by a later `run`.
        words += ["--scenarios", str(place / ("new" if command == "new" else "s"))]
    for _ in range(dice.choice((0, 1, 1, 1, 1, 1, 2))):
        words.append(dice.choice(NAMES) if dice.random() < 0.85 else value())
    if command in ("run", "verify"):
        words = [word for word in words if word not in ("quadratic", "batch_size")]
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        words += _option(dice, command, value)
    if dice.random() < 0.05:
        dice.shuffle(words)
    if command in LONG or words[0] in LONG:
        words += ["--surely-no-option"]
    return words


def _option(dice: random.Random, command: str, value: Callable[[], str]) -> list[str]:
    """A random option, most often one that the command has and a value that it takes."""
    known = PARAMETERS.get(command, {})
    if not known or dice.random() < 0.05:
        return [dice.choice(STRANGE), *([value()] if dice.random() < 0.5 else [])]
    option = dice.choice(sorted(known))
    if known[option]:
        return [option]
    if command == "run" and option == "--device":
        # Real workers take longer to start than such a line may take.
        return [option, dice.choice(("tpu", "", "gpu", "inline"))]
    if option == "--set":
        # A run of a billion samples is no mistake, but takes its time.
        if command == "run":
            values = ("0.3", "4", "2,8", "x", "nan", "")
            return [option, f"{dice.choice(SETTINGS[:3])}={dice.choice(values)}"]
        return [option, f"{dice.choice(SETTINGS)}={value()}"]
    if command == "run" and option == "--seeds":
        return [option, dice.choice(("2", "3", "4", "-2", "9" * 30, "x"))]
    return [
        option,
        dice.choice(SANE[option]) if option in SANE and dice.random() < 0.5 else value(),
    ]


class Outcome(Counter[str]):
    """How commands ended, and what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def note(self, seed: int, words: list[str], status: object, err: str) -> None:
        self[str(status)] += 1
        lines = [text for text in err.splitlines() if text.strip()]
        if status not in (0, 1, 2) or "Traceback" in err or (status == 2 and not lines):
            self.wrong.append(f"{seed}: {words} -> {status}\n{err[-3000:]}")


@contextlib.contextmanager
def alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(os.name != "posix", reason="alarms of POSIX")
@pytest.mark.timeout(36_000)
def test_in_this_process(place: Path, monkeypatch):
    outcome = Outcome()
    monkeypatch.chdir(place / "here" / "deep")
    for seed in range(FIRST, FIRST + COUNT):
        words = line(seed, place)
        monkeypatch.setattr(sys, "argv", ["benchmark", *words])
        out, err = io.StringIO(), io.StringIO()
        status: object = "none"
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), alarm():
            try:
                main()
            except SystemExit as ended:
                status = ended.code
            except BaseException:
                status = "raised"
                err.write(traceback.format_exc())
        outcome.note(seed, words, status, err.getvalue())
    print(dict(outcome))
    assert not outcome.wrong, "\n\n".join(outcome.wrong[:20])
    assert outcome["0"] > COUNT / 20 and outcome["2"] > COUNT / 5, "both kinds are tried"


@pytest.mark.skipif(not ALONE, reason="COMMAND_LINES_ALONE is not set")
@pytest.mark.timeout(36_000)
def test_in_processes_of_their_own(place: Path):
    outcome = Outcome()
    for seed in range(FIRST, FIRST + ALONE):
        words = [word for word in line(seed, place) if "\0" not in word]
        call = [sys.executable, "-m", "benchmark", *map(os.fsencode, map(_passable, words))]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        try:
            ended = subprocess.run(
                call, cwd=place / "here" / "deep", env=env, capture_output=True,
                timeout=3 * PATIENCE, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            outcome.note(seed, words, ended.returncode, ended.stderr.decode(errors="replace"))
        except subprocess.TimeoutExpired:
            outcome.note(seed, words, "hangs", "")
    print(dict(outcome))
    assert not outcome.wrong, "\n\n".join(outcome.wrong[:20])


def _passable(word: str) -> str:
    """What an argument of a process can hold: bytes, also such as are no text."""
    return word.replace("\ud800", "\udcd8")
