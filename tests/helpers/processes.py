"""Runs in processes of their own: started, watched, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from benchmark.store.files import read
from helpers import ROOT

PATIENCE = 300.0
"""Seconds after which a test gives up; generous, as machines are shared."""


# Ten blocks of about a quarter of a second each on one core.
STEADY = """
from benchmark import SGD, Condition, Jitter, Point, Quadratic, Scenario, Training

scenario = Scenario(
    question="Is every run the same however it is computed?",
    says="It had better be.",
    base=Condition(
        Quadratic(), Point(), SGD(0.1),
        Training(epochs=12, batch_size=4, order="fresh", steps=4000, log_steps=False),
    ),
    vary={"optimizer.learning_rate": (0.05, 0.1, 0.2, 0.4, 0.8)},
    show=(Jitter("validation_loss"),),
    seeds=4,
    block=2,
)
"""


BLOCKS = 10


# A task of its own: one condition is well, one raises, one never comes to an end.
FAULTY = """
import time
from dataclasses import dataclass

from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training


@dataclass(frozen=True)
class Faulty(Quadratic):
    fault: str = ""

    def pool(self):
        if self.fault == "raises":
            raise RuntimeError("the sensor is unplugged")  # the line that is named
        while self.fault == "hangs":
            time.sleep(1)
        return super().pool()


scenario = Scenario(
    question="What becomes of the others?",
    says="They are none the worse for it.",
    base=Condition(Faulty(), Point(), SGD(0.1), Training(epochs=2, batch_size=4)),
    vary={"task.fault": ("hangs", "raises", "")},
    seeds=2,
)
"""


# Two files of the same classes and functions that differ in one constant: where it is 0, the
# model has no gradient and never learns.
OWN = """
from collections.abc import Callable
from dataclasses import dataclass

from benchmark import SGD, Condition, Quadratic, Scenario, Training
from benchmark.parts import Model, Schedule

GAIN = {gain}


def times(x):
    return GAIN * x


@dataclass(frozen=True)
class Mine(Model):
    rule: Callable = times

    def network(self, outputs):
        import jax.numpy as jnp

        from benchmark.declare.network import Network

        return Network(
            init=lambda key, x: {{"params": {{"w": jnp.full((outputs,), 3.0, jnp.float32)}}}},
            apply=lambda v, x, mode, key: (self.rule(x) * v["params"]["w"][None], v),
        )


@dataclass(frozen=True, kw_only=True)
class Halved(Schedule):
    def factor(self, done, memory):
        return 0.5 * super().factor(done, memory)


scenario = Scenario(
    question="Whose numbers are these?",
    says="Their own.",
    base=Condition(
        Quadratic(n_train=8), Mine(), SGD(0.2),
        Training(epochs=3, batch_size=4, schedule=Halved()),
    ),
    vary={{"optimizer.learning_rate": (0.1, 0.2)}},
    seeds=4,
    block=2,
)
"""


# Sets what a terminal would have set, then becomes the program: `preexec_fn` would fork a
# process in which JAX has threads.
LAUNCH = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.argv[1] != "all":
    os.sched_setaffinity(0, {int(sys.argv[1])})
os.execv(sys.executable, [sys.executable, "-m", "benchmark", *sys.argv[2:]])
"""


def start(place: Path, name: str, results: Path, *more: str, cores="all") -> subprocess.Popen:
    """``python -m benchmark run NAME`` in a process group of its own."""
    command = ["run", name, "--scenarios", str(place / "scenarios"), "--results", str(results)]
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCH, cores, *command, "--no-figures", *more],
        cwd=ROOT,
        env={**os.environ, "BENCHMARK_CACHE": str(place / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process: subprocess.Popen) -> tuple[int, str, str]:
    """Exit status, output and errors."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"no end after {PATIENCE:g} s:\n{out}\n{err}")
    return process.returncode, out, err


def complete(place: Path, results: Path, *more: str, cores="all") -> str:
    """What a run that ends well printed."""
    # A shard of 1/1 is everything, and leaves the table out, which takes as long again.
    status, out, err = end(
        start(place, "steady", results, "--shard", "1/1", *more, cores=cores)
    )
    assert status == 0, err
    return out


def digests(results: Path, name: str = "steady") -> dict[str, str]:
    """File name → digest of the numbers, verified against them."""
    found = {}
    for path in (results / name).glob("*.nc"):
        stored = read(path)
        assert stored is not None, f"{path.name} is damaged"
        found[path.name] = stored.attributes["digest"]
    return found


def files(results: Path) -> dict[str, tuple[int, int]]:
    """File name → what changes when a file is written anew."""
    paths = (results / "steady").glob("*.nc")
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def wait_for(holds: Callable[[], bool], process: subprocess.Popen | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if process is not None and process.poll() is not None:
            pytest.fail(f"ended too early:\n{process.communicate()}")
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def gone(processes: list[psutil.Process]) -> bool:
    """None is left; a zombie only waits for somebody to take note."""
    return not any(
        each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes
    )


def in_the_middle(place: Path, results: Path) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A run with some blocks stored and some to come, and all processes that belong to it."""
    process = start(place, "steady", results, "--shard", "1/1")
    wait_for(lambda: len(list((results / "steady").glob("*.nc"))) >= 2, process)
    return process, psutil.Process(process.pid).children(recursive=True)
