"""Workers of one's own and of others, and what is no Dask scheduler."""

import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster

from benchmark import UserError
from benchmark.cli.run import certificates
from benchmark.declare.load import load_file
from benchmark.execution.cluster import open_workers
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from helpers import ROOT
from helpers.processes import BLOCKS, PATIENCE, complete, digests, end, files, start, wait_for

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
    # A silence is awaited to its end, words as long as they take.
    seconds = 30.0 if words else 0.5
    monkeypatch.setattr("benchmark.execution.cluster._CONNECT_SECONDS", seconds)
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
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).close()
                    codes.append(200)
                except urllib.error.HTTPError as error:
                    codes.append(error.code)
                    error.close()
                except OSError:
                    # A port of Dask's own, which wants a certificate.
                    continue
    assert codes and set(codes) == {404}
