"""Scenario files full of mistakes: one sentence each, and nothing is lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.shell import Shell, alone

PLAIN = """
import math
from benchmark import *
from benchmark import Custom, Quadratic, Point

scenario = Scenario(
    question={question!r}, says={says!r},
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=6, batch_size=4)),
    {more}
    seeds=2, block=2,
)
"""

TWO = 'vary={"training.batch_size": (2, 4)},'


def declare(folder: Path, more: str, name: str = "odd", question="?", says=".") -> Path:
    """A folder with a scenario file."""
    folder.mkdir(exist_ok=True)
    source = PLAIN.format(question=question, says=says, more=more)
    (folder / f"{name}.py").write_text(source, encoding="utf-8", errors="surrogatepass")
    return folder


# --- requests beyond any computer ---------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('vary={f"task.noise": tuple(range(10**5))},', "asks for 100,000 conditions"),
        (
            'vary={f"training.{n}": tuple(range(1000)) for n in "abc"},',
            "asks for 1,000,000,000 conditions, but at most 10,000 are allowed",
        ),
        (
            'vary=Factorial({f"s{i}": ({}, {}) for i in range(30)}),',
            "asks for 1,073,741,824 conditions",
        ),
        (
            'vary=Factorial({f"s{i}": ({}, {}) for i in range(20000)}),',
            "about 10^6020 conditions",
        ),
        (
            'vary=Arms({"a": Factorial({f"s{i}": ({}, {}) for i in range(30)})}),',
            "1,073,741,824",
        ),
        ('scales={"paper": {"seeds": 10**9}},', "seeds is 1,000,000,000, but must be at most"),
        ('scales={"quick": {"seeds": 10**9}},', "seeds is 1,000,000,000, but must be at most"),
        ('scales={"paper": {"seeds": math.inf}},', "seeds is inf, but must be a whole number"),
        ('scales={"paper": {"seeds": 2.5}},', "seeds is 2.5, but must be a whole number"),
        ('scales={"paper": {"seeds": "x"}},', "seeds is 'x', but must be a whole number"),
        ('scales={"paper": {"seeds": True}},', "seeds is True, but must be a whole number"),
        ("vary=[1, 2],", "vary is [1, 2], but must map settings to tuples of levels"),
        ("vary=None,", "vary is None, but must map"),
        ("vary=3,", "vary is 3, but must map"),
        ('vary="optimizer",', "vary is 'optimizer', but must map settings"),
        ('vary=Arms({"a": None}),', "vary is None, but must map settings"),
    ],
)
def test_what_is_too_much_is_refused_at_once(
    shell: Shell, tmp_path: Path, more: str, said: str
):
    declare(tmp_path, more)
    started = time.process_time()
    assert said in shell.refuses("show", "odd", "--scenarios", tmp_path)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("command", ["status", "show", "run", "summary"])
def test_too_many_seeds_are_refused(shell: Shell, tmp_path: Path, command: str):
    declare(tmp_path / "s", TWO)
    places = ["--scenarios", tmp_path / "s"]
    places += [] if command == "show" else ["--results", tmp_path / "r"]
    said = shell.refuses(command, "odd", "--seeds", "1000000000", *places)
    assert "seeds is 1,000,000,000, but must be at most 1,000,000" in said
    blocks = ",".join(str(i / 10000) for i in range(1, 5))
    setting = ["--set", f"optimizer.learning_rate={blocks}", "--seeds", "1000000"]
    said = shell.refuses(command, "odd", *setting, *places)
    assert (
        "8 conditions with 1,000,000 seeds each, in blocks of 2, are 4,000,000 blocks" in said
    )
    many = ",".join(str(i / 10000) for i in range(6000))
    said = shell.refuses(command, "odd", "--set", f"optimizer.learning_rate={many}", *places)
    assert "asks for 12,000 conditions" in said
    assert not (tmp_path / "r").exists()


# --- texts are texts ----------------------------------------------------------------------

NASTY = "[/bold] [nope :warning: {x} \\[red]"

TEXTS = f"""
    vary=Arms({{{NASTY!r}: {{"training.batch_size": (2, 4)}}, "other": {{}}}}),
    claims=(
        Claim("nasty", {NASTY!r}, Level("validation_loss"), Increases("training.batch_size"),
              where={{"arm": {NASTY!r}}}),
        Claim("nothing", {NASTY!r}, Level({NASTY!r}), Increases("training.batch_size")),
    ),
    derive={{{NASTY!r}: lambda c: {NASTY!r}}},
    show=(Level("train_loss"), Custom({NASTY!r}, "train_loss", lambda x: x.mean(1))),
    causes=(Cause("small batch", {{"training.batch_size": 4}}, {{"training.batch_size": 2}}),),
"""


def test_texts_of_a_scenario_are_no_markup(shell: Shell, tmp_path: Path):
    declare(tmp_path / "s", TEXTS, question=f"Q {NASTY}", says=f"S {NASTY}")
    (tmp_path / "s" / "broken.py").write_text(f"raise ValueError({NASTY!r})")
    places = ["--scenarios", tmp_path / "s"]
    stored = [*places, "--results", tmp_path / "r"]
    for words in (
        ["show", "odd", *places],
        ["run", "odd", "--device", "inline", "--no-figures", *stored],
        ["summary", "odd", "--long", *stored],
    ):
        status, out, err = shell(*words)
        assert status == 0, err
        assert f"Q {NASTY}" in out
        assert " ".join(out.split()).count("[/bold] [nope :warning: {x}") >= 3
    _, out, _ = shell("list", *places)
    assert "[/bold] [nope" in re.sub(r"\s+", " ", out)
    assert shell("status", "odd", *stored).status == 0
    (tmp_path / "s" / "broken.py").unlink()
    status, out, err = shell("causes", "--no-figures", *stored)
    assert status == 0, err
    assert re.search(r"│ +\[[\d.]+, [\d.]+\] +│", out), "intervals keep their brackets"


# --- functions of a scenario --------------------------------------------------------------


def claim(expect: str, measure: str = 'Level("validation_loss")') -> str:
    return f'{TWO} claims=(Claim("c", "It is.", {measure}, {expect}),),'


EARLY = [
    (f'{TWO} derive={{"bad": lambda c: 1 / 0}},', ["derive['bad']", "ZeroDivisionError"]),
    (f'{TWO} derive={{"bad": 3}},', ["derive['bad'] is 3, but must be a function"]),
    (claim("Equals(lambda c: 1 / 0)"), ["theory of claim 'c'", "ZeroDivisionError", "line"]),
    (claim("Equals(lambda c: 'x')"), ["theory of claim 'c' returns 'x'", "a number"]),
    (claim("Equals(lambda c: exit())"), ["theory of claim 'c' fails", "SystemExit"]),
    (claim("Equals(lambda: 1)"), ["theory of claim 'c' fails", "TypeError"]),
    (
        claim('Peaks("training.batch_size", lambda rest: rest["no"], 2.0)'),
        ["`at` of claim 'c' fails", "KeyError: 'no'"],
    ),
    (claim("Within(0)", 'Custom("m", "train_loss", 3)'), ["measure 'm'", "must be a function"]),
    (
        claim("Within(0)", 'Custom("m", "train_loss", lambda a, b: a)'),
        ["measure 'm' must take one array for each of its 1 series", "'b'"],
    ),
]


@pytest.mark.parametrize(("more", "said"), EARLY)
def test_functions_that_fail_are_found_before_training(
    shell: Shell, tmp_path: Path, monkeypatch, more: str, said: list[str]
):
    monkeypatch.setattr("benchmark.execution.run._compute", lambda *_: pytest.fail("trained"))
    declare(tmp_path, more)
    words = ["run", "odd", "--device", "inline", "--no-figures", "--scenarios", tmp_path]
    sentence = shell.refuses(*words, "--results", tmp_path / "r")
    assert all(part in sentence for part in (*said, "odd")), sentence


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("lambda x: 1 / 0", "fails (odd.py, line 9): ZeroDivisionError"),
        ("lambda x: x", "must return one value per run"),
        ("lambda x: 'words'", "returns 'words'"),
    ],
)
def test_measures_that_fail_leave_the_results(shell: Shell, tmp_path: Path, function, said):
    declare(tmp_path, claim("Within(0)", f'Custom("m", "train_loss", {function})'))
    places = ["--scenarios", tmp_path, "--results", tmp_path / "r"]
    status, _, err = shell("run", "odd", "--device", "inline", "--no-figures", *places)
    assert status == 2
    sentence = err.splitlines()[-1]
    assert sentence.startswith("Scenario 'odd': The function of measure m(train_loss)")
    assert said in sentence and "Its runs are stored" in sentence
    assert len(list((tmp_path / "r" / "odd").glob("*.nc"))) == 2
    assert said in shell.refuses("summary", "odd", *places)


def test_functions_that_are_right_are_left_alone(shell: Shell, tmp_path: Path):
    """Defined further down, abstaining for some conditions, or wanting what is trained."""
    more = f"""{TWO}
        derive={{"inverse": lambda c: helper(c.batch_size), "endless": lambda c: math.inf}},
        claims=(
            Claim("a", "It is.", Level("train_loss"),
                  Equals(lambda c: helper(c.batch_size - 2)),
                  where={{"training.batch_size": 4}}),
            Claim("b", "It is.", Custom("m", ("train_loss", "validation_loss"),
                  lambda x, y: x[:, -1] / y[:, -1]), Within(0)),
            Claim("d", "It is.", Level("train_loss"),
                  Peaks("training.batch_size", lambda rest: 20 * rest["task.noise"], 99)),
            Claim("e", "It is.", Custom("max", "train_loss", max), Within(0)),
        ),"""
    declare(tmp_path, more)
    path = tmp_path / "odd.py"
    path.write_text(path.read_text() + "\ndef helper(n):\n    return 1 / n\n")
    shown = shell("show", "odd", "--json", "--scenarios", tmp_path).json
    settings = [each["settings"] for each in shown["conditions"]]
    assert [each["inverse"] for each in settings] == [0.5, 0.25]
    assert [each["endless"] for each in settings] == [None, None], "JSON has no infinity"
    from benchmark.declare.load import load_file
    from benchmark.statistics.claims.rehearsal import rehearse

    rehearse(load_file(path).resolve())


# --- files that do more than declare ------------------------------------------------------

BROKEN = {
    "exits": ("import sys\nsys.exit()", "line 2 could not be loaded: it calls sys.exit()"),
    "exits_0": ("import sys\nsys.exit(0)", "it calls sys.exit()"),
    "exits_bye": ("import sys\nsys.exit('bye')", "it calls sys.exit()"),
    "base": ("raise BaseException('no')", "line 1 could not be loaded: BaseException: no"),
    "closes": ("raise GeneratorExit", "GeneratorExit"),
    "cancels": ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
    "mute": (
        "class Mute(Exception):\n  def __str__(self): raise SystemError\nraise Mute",
        "line 3 could not be loaded: Mute: it cannot say why",
    ),
    "deep": ("def f(): return f()\nf()", "RecursionError"),
    "zero": ("x = '\x00'", "could not be loaded"),
    "lines": ("raise ValueError('two\\nlines')", "ValueError: two"),
}


def test_a_file_cannot_end_the_program(shell: Shell, tmp_path: Path):
    for name, (source, _) in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(source)
    declare(tmp_path, "", "zzz", question="Still there?")
    status, out, _ = shell("list", "--json", "--scenarios", tmp_path)
    rows = {row["name"]: row for row in json.loads(out)}
    assert status == 0
    assert rows["zzz"]["question"] == "Still there?"
    for name, (_, said) in BROKEN.items():
        assert rows[name]["status"] == "broken"
        assert said in rows[name]["question"]
        assert said in shell.refuses("show", name, "--scenarios", tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_what_is_no_file_is_not_opened(shell: Shell, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    for name in ("pipe", "folder"):
        assert "is no file" in shell.refuses("show", name, "--scenarios", tmp_path)


def test_lone_surrogates_are_refused(shell: Shell, tmp_path: Path):
    for more in ("", claim("Within(0)").replace("It is.", "\\ud800")):
        question = "?" if more else "a \ud800 b"
        declare(tmp_path, more, question=question)
        said = shell.refuses("show", "odd", "--scenarios", tmp_path)
        assert "has a character that no file can hold: '\\ud800'" in said


# --- streams and signals ------------------------------------------------------------------

LOOP = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_interrupted_outside_of_a_run(shell: Shell, tmp_path: Path):
    (tmp_path / "odd.py").write_text(LOOP)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for command in ("show", "run"):
            status, out, err = shell(command, "odd", "--scenarios", tmp_path)
            assert (status, out, err) == (130, "", "Interrupted.\n")
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="redirections of POSIX")
def test_streams_that_take_nothing():
    for closing in (">&-", "<&- 2>&-"):
        line = f"exec {sys.executable} -m benchmark show quadratic {closing}"
        ended = subprocess.run(
            line, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert (ended.returncode, ended.stderr) == (0, ""), closing
    with open("/dev/full", "w") as full:
        ended = alone("show", "quadratic", stdout=full, stderr=subprocess.PIPE)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
        assert "No space left on device" in ended.stderr
    plain = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ended = alone("show", "quadratic", env=plain, capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\xd7" in ended.stdout, "what the output cannot show is spelt"


# --- arguments that cannot be -------------------------------------------------------------

LONG = "x" * 5000


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--results", LONG], ["list", "--scenarios", LONG],
        ["status", "--results", "y" * 256], ["summary", "quadratic", "--results", LONG],
        ["summary", "quadratic", "--reference", LONG], ["reference", "--results", LONG],
        ["report", "--results", LONG], ["report", "--reference", LONG],
        ["report", "--output", LONG], ["paper", "--results", LONG],
        ["causes", "--results", LONG],
        ["show", LONG], ["new", LONG], ["new", "a" * 300], [LONG], ["list", f"--{LONG}"],
        ["show", "quadratic", "--set", f"{LONG}=1"], ["show", "quadratic", "--set", LONG],
        ["show", "quadratic", "--scale", LONG], ["run", "quadratic", "--shard", LONG],
        ["run", "quadratic", "--shard", "1/" + "9" * 5000], ["show", "a\nb"],
        ["list", "--scenarios", "/no\nwhere"], ["list", "--results", "a\0b"],
        ["run", "quadratic", "--scheduler", LONG], ["run", "quadratic", "--tls-ca", LONG],
        ["show", "quadratic", "--seeds", "9" * 4000],
        ["show", "quadratic", "--seeds", "9" * 5000],
    ],
)  # fmt: skip
def test_arguments_that_cannot_be(shell: Shell, tmp_path: Path, words: list[str]):
    more = ["--results", tmp_path] if words[0] == "run" else []
    assert len(shell.refuses(*words, *more)) <= 1300
    assert not list(tmp_path.iterdir())
