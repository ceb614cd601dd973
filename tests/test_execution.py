"""Runs with real processes: killed, interrupted, shared, sharded, stalled; never different."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

import benchmark
from benchmark import UserError
from benchmark.declare import load_file
from benchmark.execution.plan import Queue, shard
from benchmark.execution.run import Options, Report
from benchmark.store.files import read
from benchmark.store.results import Results

ROOT = Path(benchmark.__file__).parents[1]
PATIENCE = 120.0
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

from benchmark import SGD, Condition, Model, Quadratic, Scenario, Schedule, Training

GAIN = {gain}


def times(x):
    return GAIN * x


@dataclass(frozen=True)
class Mine(Model):
    rule: Callable = times

    def network(self, outputs):
        import jax.numpy as jnp

        from benchmark.models.network import Network

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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenario files; compiled programs are shared below it."""
    folder = tmp_path_factory.mktemp("execution")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "steady.py").write_text(STEADY)
    (folder / "scenarios" / "faulty.py").write_text(FAULTY)
    (folder / "scenarios" / "learning.py").write_text(OWN.format(gain=1.0))
    (folder / "scenarios" / "still.py").write_text(OWN.format(gain=0.0))
    return folder


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


@pytest.fixture(scope="module")
def reference(place: Path) -> dict[str, str]:
    """The digests of an uninterrupted run by two workers."""
    out = complete(place, place / "reference")
    assert f"Computed {BLOCKS} blocks" in out
    found = digests(place / "reference")
    assert len(found) == BLOCKS
    return found


# --- the same numbers whatever happens ----------------------------------------------------


def test_every_run_is_its_own(reference: dict[str, str], place: Path):
    assert len(set(reference.values())) == BLOCKS, "seeds and conditions differ"
    for path in (place / "reference" / "steady").glob("*.nc"):
        stored = read(path)
        assert stored is not None
        first, second = stored.series["train_loss"]
        assert not np.array_equal(first, second)


@pytest.mark.parametrize("device", ["auto", "inline"])
def test_classes_of_one_name_in_two_files_are_two_classes(place: Path, tmp_path: Path, device):
    more = ("still", "--shard", "1/1", "--device", device)
    status, out, err = end(start(place, "learning", tmp_path, *more))
    assert status == 0 and "Computed 8 blocks" in out, err
    for name, learns in (("learning", True), ("still", False)):
        paths = list((tmp_path / name).glob("*.nc"))
        assert len(paths) == 4
        for path in paths:
            stored = read(path)
            assert stored is not None
            losses = stored.series["train_loss"]
            assert (np.ptp(losses, axis=1) > 0).all() == learns
            assert stored.series["rate_factor"].max() == 0.5
    codes = {
        str(stored.attributes["code"])
        for path in tmp_path.glob("*/*.nc")
        if (stored := read(path)) is not None
    }
    assert len(codes) == 2, "and what made them is not the same code"


def test_neither_workers_nor_processes_change_a_bit(place: Path, tmp_path: Path, reference):
    complete(place, tmp_path / "inline", "--device", "inline")
    assert digests(tmp_path / "inline") == reference
    if hasattr(os, "sched_setaffinity"):
        core = str(min(os.sched_getaffinity(0)))
        complete(place, tmp_path / "one", cores=core)
        assert digests(tmp_path / "one") == reference


def test_killed_and_run_again(place: Path, tmp_path: Path, reference):
    process, family = in_the_middle(place, tmp_path)
    assert workers_of(process)
    os.kill(process.pid, signal.SIGKILL)
    end(process)
    wait_for(lambda: gone(family))
    kept = files(tmp_path)
    assert 2 <= len(kept) < BLOCKS
    out = complete(place, tmp_path)
    assert f"Computed {BLOCKS - len(kept)} blocks" in out
    assert f"{len(kept)} were stored" in out
    assert kept.items() <= files(tmp_path).items(), "what was stored is not computed again"
    assert digests(tmp_path) == reference
    assert not list(tmp_path.rglob("*.part"))


def test_a_worker_is_killed(place: Path, tmp_path: Path, reference):
    process, _ = in_the_middle(place, tmp_path)
    workers_of(process)[0].kill()
    status, _, err = end(process)
    assert status == 0, err
    assert "Traceback" not in err
    assert digests(tmp_path) == reference


def test_interrupted_and_run_again(place: Path, tmp_path: Path, reference):
    process, family = in_the_middle(place, tmp_path)
    # As a terminal does it: to the whole group, workers included.
    os.killpg(process.pid, signal.SIGINT)
    status, _, err = end(process)
    assert status == 130
    assert "Traceback" not in err
    wait_for(lambda: gone(family))
    kept = files(tmp_path)
    assert 2 <= len(kept) < BLOCKS
    said = err.strip().splitlines()[-1]
    assert f"{len(kept)} of {BLOCKS} blocks of this run are stored and kept in" in said
    assert str(tmp_path / "steady") in said
    assert "the same command goes on from there" in said
    complete(place, tmp_path)
    assert kept.items() <= files(tmp_path).items()
    assert digests(tmp_path) == reference


def test_two_runs_into_one_folder(place: Path, tmp_path: Path, reference):
    both = [start(place, "steady", tmp_path, "--shard", "1/1") for _ in range(2)]
    for process in both:
        status, _, err = end(process)
        assert status == 0, err
        assert "damaged" not in err
    assert digests(tmp_path) == reference
    assert not list(tmp_path.rglob("*.part"))


# --- someone else's workers ---------------------------------------------------------------

CLUSTER = """
import sys

from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", protocol="tcp://",
        dashboard_address=None, memory_limit=0,
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def scheduler(place: Path) -> Iterator[str]:
    """Address of a Dask scheduler with one worker, over plain TCP."""
    script = place / "cluster.py"
    script.write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BENCHMARK_CACHE": str(place / "cache")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate(timeout=PATIENCE)


def test_an_existing_cluster(place: Path, tmp_path: Path, scheduler: str, reference):
    complete(place, tmp_path, "--scheduler", scheduler)
    assert digests(tmp_path) == reference


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense://somewhere"])
def test_no_scheduler_there(place: Path, tmp_path: Path, address: str):
    address = address.format(port=free_port())
    status, out, err = end(start(place, "steady", tmp_path, "--scheduler", address))
    assert status == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert address in err and "tcp://HOST:PORT" in err


# --- what goes wrong with one does not touch the others -----------------------------------


def test_stalled_and_raising_blocks_are_reported(place: Path, tmp_path: Path):
    process = start(place, "faulty", tmp_path, "--patience", "8")
    status, out, err = end(process)
    assert status == 1
    assert "Traceback" not in err
    assert "Computed 1 blocks" in out
    (stored,) = (tmp_path / "faulty").glob("*.nc")
    held = read(stored)
    assert held is not None and '"fault": ""' in held.attributes["condition"]
    assert "1 blocks failed: no progress for 8 seconds, 2 times; given up" in err
    line = 1 + FAULTY[: FAULTY.index("raise RuntimeError")].count("\n")
    path = place / "scenarios" / "faulty.py"
    assert f"RuntimeError: the sensor is unplugged ({path}, line {line})" in err


# --- shards and blocks, in this process ---------------------------------------------------


def tiny(seeds: int, block: int, lanes: int = 1) -> str:
    return f"""
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training

scenario = Scenario(
    question="?", says=".",
    base=Condition(
        Quadratic(), Point(), SGD(0.1),
        Training(epochs=4, batch_size=4, order="fresh", steps=10),
    ),
    vary={{"optimizer.learning_rate": (0.1, 0.2)}},
    seeds={seeds}, block={block}, lanes={lanes},
)
"""


def compute(folder: Path, source: str, results: Path, part: str | None = None) -> Report:
    path = folder / "tiny.py"
    path.write_text(source)
    return benchmark.run(load_file(path).resolve(), results, Options("inline", shard=part))


def runs(folder: Path, results: Path) -> list[tuple[np.ndarray, dict[str, np.ndarray]]]:
    held = Results.at(load_file(folder / "tiny.py").resolve(), results).all_runs()
    return [(each.seeds, each.series) for each in held]


@pytest.mark.parametrize("lanes", [1, 3])
def test_block_size_does_not_change_a_bit(tmp_path: Path, lanes: int):
    made = []
    for block in (2, 5, 6):
        compute(tmp_path, tiny(6, block, lanes), tmp_path / f"by{block}")
        made.append(runs(tmp_path, tmp_path / f"by{block}"))
    for other in made[1:]:
        for (seeds, series), (same_seeds, same) in zip(made[0], other, strict=True):
            assert seeds.tolist() == same_seeds.tolist() == list(range(6))
            assert series.keys() == same.keys()
            for name, held in series.items():
                assert held.tobytes() == same[name].tobytes(), name


def test_shards_together_are_everything(tmp_path: Path):
    source = tiny(8, 2)
    parts = [compute(tmp_path, source, tmp_path / "r", f"{i}/3") for i in (1, 2, 3)]
    assert [part.computed for part in parts] == [3, 3, 2]
    assert compute(tmp_path, source, tmp_path / "r", "2/3") == Report(0, 3, {})
    assert compute(tmp_path, source, tmp_path / "r") == Report(0, 8, {})


def test_shards_do_not_depend_on_what_is_done(tmp_path: Path):
    source = tiny(8, 2)
    assert compute(tmp_path, source, tmp_path / "r", "1/2").computed == 4
    # The parts of what is missing would overlap and leave gaps.
    assert compute(tmp_path, source, tmp_path / "r", "2/2").computed == 4


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5", "", "²/3"])
def test_shard_texts(text: str):
    with pytest.raises(UserError, match=re.escape(f"--shard is {text!r}, but must be i/n")):
        shard([], text)


def test_a_worker_stays_with_a_group(tmp_path: Path):
    (tmp_path / "tiny.py").write_text(
        tiny(4, 2)
        .replace("optimizer.learning_rate", "training.batch_size")
        .replace("(0.1, 0.2)", "(2, 4)")
    )
    blocks = Results.at(load_file(tmp_path / "tiny.py").resolve(), tmp_path).all_blocks()
    queue = Queue(blocks)
    taken = [queue.take(worker, wide=False) for worker in ("a", "b", "a", "b")]
    groups = [block.condition.group for (block,) in taken]
    assert groups[0] == groups[2] != groups[1] == groups[3]
    assert queue.take("a", wide=False) == ()
