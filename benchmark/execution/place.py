"""Where a worker computes: one pinned CPU core, or one GPU."""

import importlib.util
import os
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from benchmark.declare.errors import UserError, one_of

DeviceKind: TypeAlias = Literal["cpu", "gpu"]


@dataclass(frozen=True)
class Place:
    """The device of one worker.

    Attributes:
        kind: what computes.
        number: the core to pin to, or the GPU's number; None leaves that to the system.
    """

    kind: DeviceKind
    number: int | None


def local_places(device: str = "auto") -> list[Place]:
    """A place for every GPU, or else for every core this process may use.

    Raises:
        UserError: unknown device, or a GPU is asked for and there is none.
    """
    one_of("device", device, ("auto", "cpu", "gpu"))
    gpus = _gpus()
    if device == "gpu" and not gpus:
        raise UserError(
            "device is 'gpu', but no NVIDIA GPU with JAX's CUDA plugin was found; use 'cpu'."
        )
    if gpus and device != "cpu":
        return [Place("gpu", number) for number in gpus]
    return [Place("cpu", core) for core in cores()]


def cores() -> list[int]:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _gpus() -> list[int]:
    plugins = ("jax_cuda12_plugin", "jax_cuda13_plugin")
    if not any(importlib.util.find_spec(name) for name in plugins):
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [int(part) for part in visible.split(",") if part.strip().isdigit()]
    return sorted(
        int(p.name[6:]) for p in Path("/dev").glob("nvidia[0-9]*") if p.name[6:].isdigit()
    )


def cache_folder() -> Path | None:
    """The private folder of compiled programs, or None if there can be none.

    Compiled programs are executed as they are found, so only a folder that belongs to
    this user, and that nobody else can write, is used. ``BENCHMARK_CACHE`` names another;
    empty switches it off.
    """
    named = os.environ.get("BENCHMARK_CACHE")
    if named == "":
        return None
    try:
        folder = Path(named) if named else _caches() / "fluctuation-benchmark" / "xla"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = folder.stat()
    # Without HOME and without an entry among the users there is no home.
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid"):
        shared = held.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return None if shared or held.st_uid != os.getuid() else folder
    return folder


def _caches() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


_occupied = threading.Lock()
_ready = False


def occupy(place: Place) -> None:
    """Make this process compute at `place`, once, before JAX starts.

    One thread per process: it was the fastest form on a CPU, and XLA's thread pools can
    wait for each other for ever.
    """
    global _ready
    with _occupied:
        if _ready:
            return
        if place.kind == "cpu":
            os.environ["JAX_PLATFORMS"] = "cpu"
            _single_thread()
            _pin(place.number)
        elif place.number is not None:
            os.environ["CUDA_VISIBLE_DEVICES"] = str(place.number)
        # Loading a program from the cache warns at length about tuning flags of no account.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import jax

        folder = cache_folder()
        if folder is not None:
            jax.config.update("jax_compilation_cache_dir", str(folder))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
            jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        _ready = True


def _single_thread() -> None:
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()


def _pin(core: int | None) -> None:
    """Bind all threads of this process to one core, where the system can."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        return
    # 0 would bind the calling thread only; JAX's threads inherit from whichever makes them.
    tasks = Path("/proc/self/task")
    threads = [int(entry.name) for entry in tasks.iterdir()] if tasks.is_dir() else [0]
    for thread in threads:
        try:
            os.sched_setaffinity(thread, {core})
        except OSError:
            continue
