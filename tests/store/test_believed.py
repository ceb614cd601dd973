"""Files in the place of blocks: what is not the block asked for is damaged, and said to be.

More random ones: ``HOSTILE=300 python -m pytest tests/store/test_believed.py``.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import jax
import numpy as np
import pytest

import benchmark
from benchmark import (
    UserError,
)
from benchmark.declare.load import load_file
from benchmark.declare.series import recorded
from benchmark.execution.run import Options, Report
from benchmark.execution.run import run as execute
from benchmark.store.believed import check_series
from benchmark.store.blocks import series_digest
from benchmark.store.results import Results
from benchmark.store.seal import LENGTH, seal
from helpers.shell import Shell
from helpers.stored import Heard

RANDOM = int(os.environ.get("HOSTILE", "12"))

SECONDS = 300

TINY = """
from benchmark import *
from benchmark import Condition

scenario = Scenario(
    question="?", says=".",
    base=Condition(Quadratic(), Point(), SGD(0.1), Training(epochs=2, batch_size=4)PROBES),
    vary={"optimizer.learning_rate": (0.1, 0.2)},
    seeds=4, block=2,
)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenarios, and their undamaged results: four blocks each."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tiny.py").write_text(TINY.replace("PROBES", ""))
    (folder / "probed.py").write_text(TINY.replace("PROBES", ", probes=(probes.Weights(1),)"))
    for name in ("tiny", "probed"):
        resolved = load_file(folder / f"{name}.py").resolve()
        # As strict as in tests, which then need not compile the programs again.
        with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
            assert execute(resolved, folder / "results", Options("inline")).computed == 4
    return folder


@contextmanager
def impatience() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise AssertionError(f"no answer in {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def copy_of(whole: Path, folder: Path, name: str = "tiny") -> tuple[Results, list[Path]]:
    """Results to damage, and the files of their blocks: two seeds, two more, two, two."""
    shutil.copytree(whole / "results" / name, folder / name)
    results = Results.at(load_file(whole / f"{name}.py").resolve(), folder)
    return results, [results.path(block) for block in results.all_blocks()]


def numbers(results: Results) -> dict[tuple[str, int], dict[str, bytes]]:
    """Condition and seed → name of a series → all its bits."""
    return {
        (runs.condition.id, int(seed)): {n: s[i].tobytes() for n, s in runs.series.items()}
        for runs in results.all_runs()
        for i, seed in enumerate(runs.seeds)
    }


Change = Callable[[h5py.File], Any]


def rewritten(path: Path, change: Change, digested: bool = True) -> None:
    """Change what is in a block, with the right digest and seal for it."""
    bare = path.with_suffix(".bare")
    bare.write_bytes(path.read_bytes()[:-LENGTH])
    with h5py.File(bare, "r+") as file:
        change(file)
        if digested and "digest" in file.attrs:
            file.attrs["digest"] = digest_of(file)
    path.write_bytes(bare.read_bytes() + seal(bare.read_bytes()))
    bare.unlink()


def digest_of(file: h5py.File) -> str:
    held = {}
    for name in file:
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        item = file[name]
        if not isinstance(item, h5py.Dataset) or name in ("run", "epoch", "step"):
            continue
        if item.shape and inside(item):
            held[name] = item[...]
    return series_digest(held) if held else "none"


def inside(item: h5py.Dataset) -> bool:
    """Whether an array can be read without waiting for a pipe or for memory."""
    return not (item.is_virtual or item.external) and int(np.prod(item.shape or ())) < 1e6


def attribute(name: str, value: Any = None) -> Change:
    def change(file: h5py.File) -> None:
        del file.attrs[name]
        if value is not None:
            file.attrs[name] = value

    return change


def replaced(name: str, make: Callable[[np.ndarray], Any], **how: Any) -> Change:
    """Put other numbers, or something else, in the place of an array."""

    def change(file: h5py.File) -> None:
        item: Any = file.get(name)
        there = isinstance(item, h5py.Dataset) and inside(item)
        held = np.asarray(item[...]) if there else np.zeros((2, 3), np.float32)
        if name in file:
            del file[name]
        made = make(held)
        if made is not None:
            file.create_dataset(name, data=made, **how)

    return change


def gone(name: str) -> Change:
    return replaced(name, lambda held: None)


def instead(name: str, put: Callable[[h5py.File, str], Any]) -> Change:
    def change(file: h5py.File) -> None:
        if name in file:
            del file[name]
        put(file, name)

    return change


def virtual(file: h5py.File, name: str) -> None:
    layout = h5py.VirtualLayout((2, 3), np.float32)
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", (2, 3))
    file.create_virtual_dataset(name, layout)


def kept_in_a_pipe(file: h5py.File, name: str) -> None:
    pipe = Path(tempfile.mkdtemp()) / "pipe"
    os.mkfifo(pipe)
    file.create_dataset(name, (2, 3), np.float32, external=[(str(pipe), 0, 24)])


def lazily(*shape: int) -> Callable[[h5py.File, str], Any]:
    chunks = tuple(min(side, 4096) for side in shape)
    return lambda file, name: file.create_dataset(name, shape, np.float32, chunks=chunks)


LOSS = "train_loss"

ATTRIBUTES = """
    scenario scenario_version condition_id condition device lanes seconds versions code digest
"""

INSIDE: dict[str, Change] = {
    **{f"without {name}": attribute(name) for name in ATTRIBUTES.split()},
    "another scenario": attribute("scenario", "other"),
    "another version": attribute("scenario_version", 2),
    "version of text": attribute("scenario_version", "1"),
    "another condition": attribute("condition_id", "0" * 12),
    "code of numbers": attribute("code", 7),
    "two lanes": attribute("lanes", [1, 1]),
    "endless": attribute("seconds", np.nan),
    "versions no JSON": attribute("versions", "{"),
    "versions a list": attribute("versions", "[1]"),
    "versions deep": attribute("versions", "[" * 60_000),
    "device on two lines": attribute("device", "a\nb"),
    "empty attribute": attribute("device", h5py.Empty("f")),
    **{f"no {name}": gone(name) for name in (LOSS, "step_loss", "run", "epoch")},
    "no series": lambda f: [gone(n)(f) for n in set(f) - {"run", "epoch"}],
    "another series": replaced("evil", lambda held: held),
    "series of texts": replaced("evil", lambda held: np.array([b"a", b"b"])),
    "no numbers but texts": replaced(LOSS, lambda held: np.full((2, 3), b"0.5")),
    "whole numbers": replaced(LOSS, lambda held: held.astype(np.int32)),
    "truths": replaced(LOSS, lambda held: held > 0),
    "complex": replaced(LOSS, lambda held: held.astype(np.complex64)),
    "compound": replaced(LOSS, lambda held: np.zeros((2, 3), [("a", "f4")])),
    "opaque": replaced(LOSS, lambda held: np.zeros((2, 3), "V4")),
    "big-endian": replaced(LOSS, lambda held: held.astype(">f4")),
    "fewer epochs": replaced(LOSS, lambda held: held[:, :-1]),
    "more epochs": replaced(LOSS, lambda held: np.pad(held, ((0, 0), (0, 1)))),
    "fewer runs": replaced(LOSS, lambda held: held[:1]),
    "transposed": replaced(LOSS, lambda held: held.T),
    "one axis more": replaced(LOSS, lambda held: held[..., None]),
    "a lone number": replaced(LOSS, lambda held: np.float32(0.5)),
    "nothing": replaced(LOSS, lambda held: h5py.Empty("f")),
    "run a number": replaced("run", lambda held: 0),
    "run of floats": replaced("run", lambda held: held.astype(float)),
    "runs twice": replaced("run", lambda held: held * 0),
    "runs reversed": replaced("run", lambda held: held[::-1]),
    "other runs": replaced("run", lambda held: held + 1),
    "runs in a square": replaced("run", lambda held: held[None]),
    "no runs": replaced("run", lambda held: held[:0]),
    "epochs from one": replaced("epoch", lambda held: held + 1),
    "a group": instead("evil", lambda file, name: file.create_group(name)),
    "a group for a series": instead(LOSS, lambda file, name: file.create_group(name)),
    "a type": instead("evil", lambda f, n: f.__setitem__(n, np.dtype("f4"))),
    "soft link": instead(LOSS, lambda f, n: f.__setitem__(n, h5py.SoftLink("/step_loss"))),
    "soft link to itself": instead(LOSS, lambda f, n: f.__setitem__(n, h5py.SoftLink("/" + n))),
    "external link": instead(
        "evil", lambda f, n: f.__setitem__(n, h5py.ExternalLink("/etc/passwd", "/"))
    ),
    "numbers elsewhere": instead(LOSS, virtual),
    "numbers in a pipe": instead(LOSS, kept_in_a_pipe),
    "4 TiB": instead(LOSS, lazily(2**20, 2**20)),
    "4 TiB more": instead("evil", lazily(2**20, 2**20)),
    "4 TiB of runs": instead("run", lazily(2**40)),
}


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link_to(what: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.unlink()
        path.symlink_to(what)

    return change


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "x").write_text("x")


def sparse(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2**40)
        file.write(seal(b""))


def content(make: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(make(path.read_bytes())))


def void(_: Any) -> None: ...


OUTSIDE: dict[str, Callable[[Path], None]] = {
    "nothing at all": content(lambda held: b""),
    "half": content(lambda held: held[: len(held) // 2]),
    "a byte less": content(lambda held: held[:-1]),
    "a byte more": content(lambda held: held + b"\0"),
    "without a seal": content(lambda held: held[:-LENGTH]),
    "a seal alone": content(lambda held: held[-LENGTH:]),
    "a sealed nothing": content(lambda held: seal(b"")),
    "sealed junk": content(lambda held: b"junk" + seal(b"junk")),
    "sealed half": content(lambda h: h[: len(h) // 2] + seal(h[: len(h) // 2])),
    "one bit": content(lambda h: h[:900] + bytes([h[900] ^ 1]) + h[901:]),
    "zeros": content(lambda held: bytes(len(held))),
    "a folder": folder,
    "a pipe": pipe,
    "a device": link_to("/dev/zero"),
    "a link to a folder": link_to("/tmp"),
    "1 TiB of holes": sparse,
}


# --- and what becomes of it ---------------------------------------------------------------


def assert_left_out_and_repaired(
    whole: Path, folder: Path, damage: Callable[[list[Path]], None], capsys: Any, which: int = 1
) -> None:
    """The damaged block is left out aloud, then computed again; all else stays as it is."""
    results, paths = copy_of(whole, folder)
    right = numbers(results)
    missing = {key for key in right if key[0] + "-" in paths[which].name}
    missing = {key for key in missing if key[1] // 2 == which % 2}
    capsys.readouterr()
    with impatience():
        damage(paths)
        left = numbers(results)
        assert left == {key: held for key, held in right.items() if key not in missing}
        assert capsys.readouterr().err == "tiny: 1 block is damaged and left out; run again.\n"
        heard = Heard()
        report = execute(results.resolved, folder, Options("inline"), heard)
    assert report == Report(1, 3, {})
    (said,) = [s for s in heard.said if "is damaged; it was set aside" in s]
    assert paths[which].name in said
    assert numbers(results) == right
    assert os.path.lexists(f"{paths[which]}.damaged")


@pytest.mark.parametrize("kind", INSIDE)
def test_sealed_but_odd(whole: Path, tmp_path: Path, capsys: Any, kind: str):
    def damage(paths: list[Path]) -> None:
        rewritten(paths[1], INSIDE[kind], kind != "without digest")

    assert_left_out_and_repaired(whole, tmp_path, damage, capsys)


@pytest.mark.skipif(os.name != "posix", reason="named pipes and holes")
@pytest.mark.parametrize("kind", OUTSIDE)
def test_no_block_at_all(whole: Path, tmp_path: Path, capsys: Any, kind: str):
    assert_left_out_and_repaired(whole, tmp_path, lambda p: OUTSIDE[kind](p[1]), capsys)


@pytest.mark.parametrize("other", [0, 2, 3])
def test_a_block_of_another_name(whole: Path, tmp_path: Path, capsys: Any, other: int):
    """Of other seeds, of another condition, of both."""

    def damage(paths: list[Path]) -> None:
        shutil.copy(paths[other], paths[1])

    assert_left_out_and_repaired(whole, tmp_path, damage, capsys)


def test_changed_numbers_do_not_pass_with_an_old_digest(whole, tmp_path, capsys):
    def damage(paths: list[Path]) -> None:
        rewritten(paths[1], replaced(LOSS, lambda held: held + 1), digested=False)

    assert_left_out_and_repaired(whole, tmp_path, damage, capsys)


def test_what_most_blocks_of_a_program_hold_decides_what_probes_record(whole, tmp_path):
    results, paths = copy_of(whole, tmp_path, "probed")
    right = numbers(results)
    assert all("step_weight_0" in held for held in right.values())
    rewritten(paths[1], gone("step_weight_0"))
    rewritten(paths[2], lambda f: f.move("step_weight_0", "step_weight_1"))
    assert len(numbers(results)) == 4
    assert execute(results.resolved, tmp_path, Options("inline")) == Report(2, 2, {})
    assert numbers(results) == right


def test_a_rewritten_block_is_as_good_as_before(whole: Path, tmp_path: Path):
    """Or the tests above would show nothing."""
    results, paths = copy_of(whole, tmp_path)
    right = numbers(results)
    rewritten(paths[1], lambda file: None)
    rewritten(paths[2], replaced(LOSS, lambda held: held))
    rewritten(paths[3], attribute("code", "of yesterday"))
    assert numbers(results) == right and not results.missing()


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_damage(whole: Path, tmp_path: Path, seed: int):
    """Whatever is read is right, and what is not is computed again."""
    draw = np.random.default_rng(seed)
    results, paths = copy_of(whole, tmp_path)
    right = numbers(results)
    with impatience():
        for path in draw.choice(np.array(paths), 2, replace=False):
            damage = mutated if seed % 2 else reordered
            damage(path, draw)
        left = numbers(results)
        assert left.items() <= right.items()
        execute(results.resolved, tmp_path, Options("inline"))
        assert numbers(results) == right


def mutated(path: Path, draw: np.random.Generator) -> None:
    """Flip, cut, overwrite or repeat bytes, and seal what there was before."""
    whole = path.read_bytes()[:-LENGTH]
    held = bytearray(whole)
    for _ in range(draw.integers(1, 4)):
        place, length = draw.integers(len(held)), int(draw.integers(1, 64))
        match draw.integers(4):
            case 0:
                held[place] ^= 1 << draw.integers(8)
            case 1:
                del held[place : place + length]
            case 2:
                held[place : place + length] = draw.bytes(length)
            case _:
                held[place:place] = held[place : place + length]
    path.write_bytes(bytes(held) + seal(whole))


def reordered(path: Path, draw: np.random.Generator) -> None:
    """One or two crafted changes at once."""
    chosen = draw.choice(np.array(list(INSIDE)), draw.integers(1, 3), replace=False)

    def change(file: h5py.File) -> None:
        for kind in chosen:
            try:
                INSIDE[kind](file)
            except (KeyError, ValueError):
                # The first change has taken what the second would change.
                continue

    rewritten(path, change, bool(draw.integers(2)))


# --- what commands say --------------------------------------------------------------------


def test_commands_say_how_many_blocks_they_left_out(shell: Shell, whole, tmp_path, capsys):
    _, paths = copy_of(whole, tmp_path)
    places = ("tiny", "--scenarios", whole, "--results", tmp_path)
    OUTSIDE["half"](paths[1])
    OUTSIDE["half"](paths[2])
    said = "tiny: 2 blocks are damaged and left out; run again.\n"
    status, _, err = shell("summary", *places)
    assert (status, err) == (0, said)
    shown = shell("status", *places)
    assert (shown.status, shown.err) == (0, said) and "2 of 4 blocks" in shown.out
    assert benchmark.load("tiny", results=tmp_path, scenarios=[whole]).sizes["run"] == 4
    assert capsys.readouterr().err == said


# --- what is written ----------------------------------------------------------------------


def test_nothing_is_stored_that_would_not_be_believed(whole: Path):
    block = Results.at(load_file(whole / "tiny.py").resolve(), whole).all_blocks()[0]
    known = recorded(block.condition).known
    series = {name: np.zeros((2, *shape), np.float32) for name, shape in known.items()}
    check_series(block, series)
    for name, wrong in (
        ("evil", series[LOSS]),
        (LOSS, series[LOSS].astype(np.int32)),
        (LOSS, series[LOSS][:, 1:]),
    ):
        with pytest.raises(UserError, match=f"'tiny' recorded '{name}' otherwise than"):
            check_series(block, series | {name: wrong})
