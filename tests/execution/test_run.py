"""Runs with real processes: killed, interrupted, shared, sharded, stalled; never different."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from distributed import LocalCluster

import benchmark
from benchmark import UserError
from benchmark.cli.run import certificates
from benchmark.declare.load import load_file
from benchmark.execution.cluster import open_workers
from benchmark.execution.place import cache_folder
from benchmark.execution.plan import Queue, shard
from benchmark.execution.run import Options, Report
from benchmark.execution.run import run as execute
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
    _, _, err = end(process)
    assert "resource_tracker" not in err, "what outlives a killed run says nothing"
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
    both = [start(place, "steady", tmp_path) for _ in range(2)]
    told = 0
    for process in both:
        status, _, err = end(process)
        assert status == 0, err
        assert "damaged" not in err
        told += f"Another run is at work on {tmp_path / 'steady'}" in err
    assert told == 1, "the second says that the first is at work"
    assert digests(tmp_path) == reference
    assert not list(tmp_path.rglob("*.part"))


# --- someone else's workers ---------------------------------------------------------------

CLUSTER = """
import os
import sys

from distributed import LocalCluster, Security

if __name__ == "__main__":
    folder = sys.argv[1]
    files = {"tls_ca_file": "ca.pem"}
    for role in ("scheduler", "worker", "client"):
        files |= {f"tls_{role}_cert": "cert.pem", f"tls_{role}_key": "key.pem"}
    secure = {name: os.path.join(folder, file) for name, file in files.items()}
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1",
        dashboard_address="127.0.0.1:0", memory_limit=0,
        **(dict(protocol="tls://", security=Security(require_encryption=True, **secure))
           if folder else dict(protocol="tcp://", security=Security())),
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster(
    place: Path, certificates: Path | str = ""
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Address and process of a Dask scheduler with one worker."""
    script = place / "cluster.py"
    script.write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, str(script), str(certificates)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BENCHMARK_CACHE": str(place / "cache")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.communicate(timeout=PATIENCE)


def test_an_existing_cluster(place: Path, tmp_path: Path, reference):
    with cluster(place) as (scheduler, _):
        complete(place, tmp_path, "--scheduler", scheduler)
    assert digests(tmp_path) == reference


def test_a_lost_scheduler(place: Path, tmp_path: Path):
    with cluster(place) as (scheduler, held):
        process = start(place, "steady", tmp_path, "--scheduler", scheduler)
        wait_for(lambda: len(list((tmp_path / "steady").glob("*.nc"))) >= 2, process)
        children = psutil.Process(held.pid).children(recursive=True)
        held.kill()
        status, out, err = end(process)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    assert (status, out) == (1, "")
    kept = files(tmp_path)
    *progress, said = err.splitlines()
    assert all("blocks, " in line for line in progress)
    assert said.startswith(
        f"The Dask scheduler at {scheduler} was lost. {len(kept)} of {BLOCKS} "
    )
    assert said.endswith("the same command goes on from there.")


def signed(folder: Path) -> list[str]:
    """The options of a certificate that is made, with its authority, in a folder."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder.mkdir()
    pem = serialization.Encoding.PEM
    today = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("ca", "us")]
    for file, subject, name in zip(("ca", "cert"), keys, names, strict=True):
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(subject.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=file == "ca", path_length=None), True)
            .sign(keys[0], hashes.SHA256())
        )
        (folder / f"{file}.pem").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(keys[1].private_bytes(pem, form, plain))
    locked = serialization.BestAvailableEncryption(b"secret")
    (folder / "locked.pem").write_bytes(keys[1].private_bytes(pem, form, locked))
    files = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}
    return [
        word for name, file in files.items() for word in (f"--tls-{name}", str(folder / file))
    ]


def test_a_cluster_with_certificates(place: Path, tmp_path: Path, reference):
    ours, strangers = signed(tmp_path / "ours"), signed(tmp_path / "strangers")
    with cluster(place, tmp_path / "ours") as (scheduler, _):
        assert scheduler.startswith("tls://")
        assert "is no Dask scheduler" not in refused(place, tmp_path, scheduler, *strangers)
        complete(place, tmp_path / "results", "--scheduler", scheduler, *ours)
    assert digests(tmp_path / "results") == reference
    assert "needs certificates" in refused(place, tmp_path, "tls://127.0.0.1:9")
    assert "Certificates are for tls://" in refused(place, tmp_path, "tcp://127.0.0.1:9", *ours)
    assert "all three are needed" in refused(place, tmp_path, "tls://127.0.0.1:9", *ours[:4])
    locked = [*ours[:5], str(tmp_path / "ours" / "locked.pem")]
    assert "is encrypted" in refused(place, tmp_path, "tls://127.0.0.1:9", *locked)
    broken = [*ours[:5], str(place / "scenarios" / "steady.py")]
    assert "No Dask scheduler answers" in refused(place, tmp_path, "tls://127.0.0.1:9", *broken)


def refused(place: Path, results: Path, scheduler: str, *more: str) -> str:
    """What a run, in this process, says to an address; nothing is computed."""
    given = list(more)
    paths = {name: Path(path) for name, path in zip(given[::2], given[1::2], strict=True)}
    names = ("--tls-ca", "--tls-cert", "--tls-key")
    with pytest.raises(UserError) as error:
        made = certificates(*(paths.get(name) for name in names))
        resolved = load_file(place / "scenarios" / "steady.py").resolve()
        asked = Options("auto", scheduler, certificates=made)
        execute(resolved, results, asked)
    assert not list(results.glob("steady/*.nc"))
    (sentence,) = str(error.value).splitlines()
    return sentence


@contextmanager
def answering(words: bytes | None) -> Iterator[str]:
    """Address of something that sends these bytes to whoever comes, or nothing, and waits."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    caller, _ = server.accept()
                except OSError:
                    return
                held.append(caller)
                caller.sendall(words or b"")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for caller in held:
        caller.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (None, "no greeting in 0.5 seconds"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak Dask's protocol"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak Dask's protocol"),
        (bytes(8), "No Dask scheduler answers"),
        (bytes([1, *bytes(7), 1, *bytes(8)]), "No Dask scheduler answers"),
    ],
)
def test_something_else_answers(place: Path, tmp_path: Path, monkeypatch, words, said: str):
    monkeypatch.setattr("benchmark.execution.cluster._CONNECT_SECONDS", 0.5)
    with answering(words) as address:
        sentence = refused(place, tmp_path, address)
    assert said in sentence and address in sentence and "tls://HOST:PORT" in sentence


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def test_nothing_answers(place: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("benchmark.execution.cluster._CONNECT_SECONDS", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    assert f"No Dask scheduler answers at {address!r}" in refused(place, tmp_path, address)


def test_a_worker_is_no_scheduler(place: Path, tmp_path: Path):
    here = "127.0.0.1"
    where = dict[str, Any](host=here, protocol="tcp://", dashboard_address=f"{here}:0")
    made: Any = LocalCluster(n_workers=1, processes=False, **where)
    with made as held:
        (worker,) = held.scheduler_info["workers"]
        assert "no Dask scheduler, but a Worker" in refused(place, tmp_path, worker)


@pytest.mark.parametrize(
    "address",
    [
        "ucx://x:1", "nonsense://somewhere", "tcp://host", "tcp://host:0", "tcp://host:65536",
        "tcp://:8786", "host:8786", "", "tcp://a b:1", "http://127.0.0.1:8787", "inproc://1/2/3",
        "tcp://host:8786/status", "tcp://ä:1", "tcp://host:²", "TCP://host:1",
    ],
)  # fmt: skip
def test_addresses_that_cannot_be(address: str):
    with pytest.raises(
        UserError, match=re.escape(f"The scheduler is {address!r}, but must be")
    ):
        Options(scheduler=address)


@pytest.mark.parametrize("patience", [0, -1, float("nan"), float("inf")])
def test_patience_that_cannot_be(patience: float):
    with pytest.raises(UserError, match="patience is"):
        Options(patience=patience)


def test_the_inline_device_takes_no_scheduler():
    with pytest.raises(UserError, match="computes in this process"):
        Options("inline", "tcp://127.0.0.1:8786")


def test_pages_of_a_run_show_nothing():
    codes = []
    with open_workers("cpu", None, None, 1):
        family = [psutil.Process(), *psutil.Process().children(recursive=True)]
        sockets = [each for process in family for each in process.net_connections("tcp")]
        ports = {each.laddr.port for each in sockets if each.status == psutil.CONN_LISTEN}
        for port in ports:
            for path in ("/info/main/workers.html", "/metrics", "/health"):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).close()
                    codes.append(200)
                except urllib.error.HTTPError as error:
                    codes.append(error.code)
                    error.close()
                except OSError:
                    # A port of Dask's own, which wants a certificate.
                    continue
    assert codes and set(codes) == {404}


# --- the folder of compiled programs ------------------------------------------------------


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
    return execute(load_file(path).resolve(), results, Options("inline", shard=part))


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
