"""The user's own files: read only if they can be used, and never others than declared.

More random ones: ``HOSTILE=300 python -m pytest tests/tasks/test_own_data.py``.
"""

import dataclasses
import io
import os
import pickle
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark import (
    MLP,
    SGD,
    Arrays,
    Condition,
    ImageFolder,
    Scenario,
    Training,
    UserError,
)
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.tasks import own_data
from benchmark.tasks.image_folder import read_images
from helpers.samples import ALL, sample_of
from helpers.shell import Shell

RANDOM = int(os.environ.get("HOSTILE", "60"))

X, Y = np.arange(24.0).reshape(12, 2), np.arange(12) % 3


def saved(path: Path, x: Any = X, y: Any = Y) -> Path:
    np.savez(path, x=x, y=y)
    return path


def refused(path: Path) -> str:
    with pytest.raises(UserError) as raised:
        Arrays(str(path), n_train=4, n_validation=2)
    said = str(raised.value)
    assert str(path) in said and "\n" not in said and len(said) < 400 + len(str(path))
    return said


# --- labels -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "dtype"),
    [
        (2**32 + 1, np.int64), (2**63, np.uint64), (2**31, np.int64), (2_000_000_000, np.int64),
        (10_000_000, np.int32), (12, np.int8), (-1, np.int64), (-(2**32), np.int64),
    ],
)  # fmt: skip
def test_labels_are_checked_before_they_are_cast(tmp_path: Path, label: int, dtype: Any):
    y = Y.astype(dtype)
    y[5] = np.array(label, dtype)
    said = refused(saved(tmp_path / "data.npz", y=y))
    assert said.endswith(f"but sample 5 has the label {label}.")


def test_any_integer_type_will_do_for_labels(tmp_path: Path):
    for dtype in (np.int64, np.uint64, np.uint8, bool):
        y = (Y > 0).astype(dtype)
        task = Arrays(str(saved(tmp_path / f"{np.dtype(dtype).name}.npz", y=y)), 4, 2)
        assert task.loss == "cross_entropy" and task.class_sizes == (4, 8)
        np.testing.assert_array_equal(task.pool().y, Y > 0)
    real = Arrays(str(saved(tmp_path / "real.npz", y=Y + 0.5)), 4, 2)
    assert real.loss == "squared_error" and real.outputs == 1


# --- archives -----------------------------------------------------------------------------


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    text = text.ljust(-(-(len(text) + 11) // 64) * 64 - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def npy(array: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()


def zipped(path: Path, *members: tuple[str, bytes], change: Callable[[bytes], bytes] = bytes):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, held in members:
            file.writestr(name, held)
    path.write_bytes(change(path.read_bytes()))


def field(place: int, value: int) -> Callable[[bytes], bytes]:
    """Set a 16-bit field of every entry; `place` is that of the local header."""

    def change(held: bytes) -> bytes:
        new = bytearray(held)
        for mark, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            at = new.find(mark)
            while at >= 0:
                struct.pack_into("<H", new, at + place + shift, value)
                at = new.find(mark, at + 1)
        return bytes(new)

    return change


GOOD_Y = ("y.npy", npy(Y))

ARCHIVES: dict[str, tuple[tuple[tuple[str, bytes], ...], str, Callable[[bytes], bytes]]] = {
    "no array": ((("x.npy", b"text"), GOOD_Y), "cannot be read as .npz", bytes),
    "no bytes": ((("x.npy", b""), GOOD_Y), "cannot be read as .npz", bytes),
    "not .npy": ((("x", b"text"), GOOD_Y), "cannot be read as .npz", bytes),
    "a cut header": ((("x.npy", npy(X)[:30]), GOOD_Y), "cannot be read as .npz", bytes),
    "a strange version": ((("x.npy", b"\x93NUMPY\x09\x00" + npy(X)[8:]), GOOD_Y), "cannot be",
                          bytes),
    "fewer numbers": ((("x.npy", npy(X)[:-8]), GOOD_Y), "(12, 2), but holds 23 numbers", bytes),
    "more numbers": ((("x.npy", npy(X) + bytes(8)), GOOD_Y), "but holds 25 numbers", bytes),
    "1e12 rows": ((("x.npy", header("(10**12, 2)".replace("10**12", "1" + "0" * 12))), GOOD_Y),
                  "says that its shape is (1000000000000, 2), but holds 0", bytes),
    "1e30 rows": ((("x.npy", header(f"({10**30}, 2)")), GOOD_Y), "but holds 0 numbers", bytes),
    "rows of 1e30": ((("x.npy", header("(1e30, 2)")), GOOD_Y), "cannot be read", bytes),
    "negative rows": ((("x.npy", header("(-12, -2)") + npy(X)[-192:]), GOOD_Y), "says that",
                      bytes),
    "no tuple": ((("x.npy", header("7")), GOOD_Y), "cannot be read", bytes),
    "a bracket too many": ((("x.npy", header("(" * 5000)), GOOD_Y), "cannot be read", bytes),
    "objects": ((("x.npy", header("(12, 2)", "'|O'")), GOOD_Y), "holds object", bytes),
    "complex": ((("x.npy", npy(X + 1j)), GOOD_Y), "holds complex128, not numbers", bytes),
    "dates": ((("x.npy", npy(X.astype("M8[s]"))), GOOD_Y), "holds datetime64", bytes),
    "records": ((("x.npy", npy(np.zeros(12, [("a", "f4")]))), GOOD_Y), "holds [('a'", bytes),
    "no features": ((("x.npy", npy(X[:, :0])), GOOD_Y), "without numbers: its shape is (12, 0)",
                    bytes),
    "no outputs": ((("x.npy", npy(X)), ("y.npy", npy(X[:, :0]))), "y in", bytes),
    "two": ((("x.npy", npy(X)), ("x", npy(X + 1)), GOOD_Y), "has 2 arrays 'x'", bytes),
    "encrypted": ((("x.npy", npy(X)), GOOD_Y), "cannot be read as .npz", field(6, 1)),
    "unknown compression": ((("x.npy", npy(X)), GOOD_Y), "cannot be read as", field(8, 77)),
    "wrong compression": ((("x.npy", npy(X)), GOOD_Y), "cannot be read as", field(8, 14)),
    "classes in a table": ((("x.npy", npy(X)), ("y.npy", npy(Y[:, None]))), "must be [sample]",
                           bytes),
}  # fmt: skip


@pytest.mark.parametrize("kind", ARCHIVES)
def test_odd_archives_are_one_sentence(tmp_path: Path, kind: str):
    members, said, change = ARCHIVES[kind]
    zipped(tmp_path / "data.npz", *members, change=change)
    assert said in refused(tmp_path / "data.npz")


def test_what_does_not_fit_into_memory_is_not_read(tmp_path: Path, monkeypatch):
    """An archive may be a thousand times smaller than what is in it."""
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.zeros((1000, 1000), np.float32), y=np.arange(1000) % 2)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(own_data, "memory", lambda: 7_999_999)
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("read"))
    said = refused(path)
    assert "x in " in said and "has 1e+06 numbers, which do not fit into this" in said


def test_only_files_are_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.npz")
    assert "does not exist" in refused(tmp_path / "pipe.npz")


@pytest.mark.parametrize("seed", range(RANDOM))
def test_random_damage_never_passes_for_other_data(tmp_path: Path, seed: int):
    draw = np.random.default_rng(seed)
    path = tmp_path / "data.npz"
    (np.savez_compressed if seed % 2 else np.savez)(path, x=X, y=Y)
    held = bytearray(path.read_bytes())
    for _ in range(draw.integers(1, 4)):
        place, length = draw.integers(len(held)), int(draw.integers(1, 32))
        match draw.integers(4):
            case 0:
                held[place] ^= 1 << draw.integers(8)
            case 1:
                del held[place : place + length]
            case 2:
                held[place : place + length] = draw.bytes(length)
            case _:
                held[place:place] = held[place : place + length]
    path.write_bytes(held)
    try:
        pool = Arrays(str(path), n_train=4, n_validation=2).pool()
    except UserError as error:
        assert str(path) in str(error) and "\n" not in str(error)
    else:
        np.testing.assert_array_equal(pool.x, X)
        np.testing.assert_array_equal(pool.y, Y)


# --- images -------------------------------------------------------------------------------


@pytest.fixture
def images(tmp_path: Path) -> Path:
    from PIL import Image

    for number, name in enumerate(("cats", "dogs")):
        (tmp_path / name).mkdir()
        for i in range(4):
            pixels = np.full((5, 5), 40 * number + 10 * i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    read_images.cache_clear()
    return tmp_path


def no_file(path: Path, kind: str) -> None:
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("nowhere")


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_an_image_is_a_file(images: Path, kind: str):
    no_file(images / "dogs" / "9.png", kind)
    with pytest.raises(UserError, match=r"dogs/9.png' cannot be read: it is no file"):
        ImageFolder(str(images), 8, n_train=4, n_validation=2)


def test_more_images_than_memory_are_not_read(images: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(own_data, "memory", lambda: 8 * 8 * 1024**2 - 1)
    with pytest.raises(UserError, match="at size 1024 has .* do not fit into this machine"):
        ImageFolder(str(images), 1024, n_train=4, n_validation=2)
    ImageFolder(str(images), 512, n_train=4, n_validation=2)


# --- what was declared --------------------------------------------------------------------


def arrived(task: Any) -> Any:
    """As a worker receives it."""
    return pickle.loads(pickle.dumps(task))


def scenario(task: Any) -> Scenario:
    base = Condition(task, MLP((4,)), SGD(0.1), Training(2, batch_size=4))
    return dataclasses.replace(Scenario("?", ".", base, seeds=2, block=2), name="own")


def rewrite(path: Path, **how: Any) -> None:
    """Another content of the same size; times of files may be coarse."""
    time.sleep(0.02)
    saved(path, **how)


def test_a_run_refuses_arrays_that_are_not_those_declared(tmp_path: Path):
    path = saved(tmp_path / "data.npz")
    resolved = scenario(Arrays(str(path), n_train=8, n_validation=4)).resolve()
    rewrite(path, x=X + 1)
    with pytest.raises(UserError, match="are not those that the scenario was declared with"):
        execute(resolved, tmp_path / "results", Options("inline"))
    assert not list((tmp_path / "results" / "own").iterdir())
    rewrite(path)
    assert execute(resolved, tmp_path / "results", Options("inline")).computed == 1


@pytest.mark.parametrize("ask", ["pool", "loss", "outputs", "class_sizes"])
def test_whatever_a_worker_asks_for_is_of_the_declared_arrays(tmp_path: Path, ask: str):
    path = saved(tmp_path / "data.npz")
    task = Arrays(str(path), n_train=8, n_validation=4)
    rewrite(path, y=Y + 0.5)
    with pytest.raises(UserError, match=f"The data in '{path}' are not those"):
        held = getattr(arrived(task), ask)
        held()


def test_a_worker_refuses_images_that_are_not_those_declared(images: Path):
    from PIL import Image

    task = ImageFolder(str(images), 8, n_train=4, n_validation=2)
    before = (images / "cats" / "0.png").read_bytes()
    Image.fromarray(np.full((5, 5), 200, np.uint8)).save(images / "cats" / "0.png")
    read_images.cache_clear()
    with pytest.raises(UserError, match="are not those that the scenario was declared with"):
        arrived(task).pool()
    # A worker that has read other images for an earlier scenario looks again.
    (images / "cats" / "0.png").write_bytes(before)
    assert arrived(task).pool().x[0].max() == 0


def test_the_shape_of_arrays_is_part_of_their_content(tmp_path: Path):
    flat = saved(tmp_path / "flat.npz", x=np.zeros((12, 4)))
    square = saved(tmp_path / "square.npz", x=np.zeros((12, 2, 2)))
    tasks = [Arrays(str(path), n_train=8, n_validation=4) for path in (flat, square)]
    assert tasks[0].content != tasks[1].content


# --- the user's own data ------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from PIL import Image

    draw = np.random.default_rng(0)
    for number, name in enumerate(("cats", "dogs", "eels")):
        (tmp_path / name).mkdir()
        for i in range(6):
            pixels = draw.integers(60 * number, 60 * number + 60, (9, 7, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{i}.png")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "cats" / "notes.txt").write_text("no image")
    return tmp_path


def test_a_folder_of_images(folder: Path):
    from PIL import Image

    task = ImageFolder(str(folder), 8, n_train=9, n_validation=4)
    pool = task.pool()
    assert pool.x.shape == (18, 8, 8, 1) and task.class_sizes == (6, 6, 6)
    assert pool.x.min() >= 0 and pool.x.max() <= 1
    by_class = [pool.x[pool.y == c].mean() for c in range(3)]
    np.testing.assert_allclose(by_class, [30 / 255, 90 / 255, 150 / 255], rtol=0.1)
    assert ImageFolder(str(folder), 8, 9, 4, "rgb").pool().x.shape == (18, 8, 8, 3)
    split = sample_of(dataclasses.replace(task, mislabelled=0.5, scaling="train"))
    assert np.sum(split.train.corrupted) == 4

    # A changed image is a new condition, in a new process.
    deep = np.full((5, 5), 32768, np.uint16)
    Image.fromarray(deep).save(folder / "cats" / "0.png")
    from benchmark.tasks.image_folder import read_images

    read_images.cache_clear()
    changed = ImageFolder(str(folder), 8, n_train=9, n_validation=4)
    assert changed.content != task.content and len(changed.content) == 12
    np.testing.assert_allclose(changed.pool().x[0], 0.5, atol=1e-3)


def test_folders_that_cannot_be_used(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    def refuse(path: Path, message: str, n_train: int = 4):
        with pytest.raises(UserError, match=message) as raised:
            ImageFolder(str(path), 8, n_train=n_train, n_validation=2)
        assert "\n" not in str(raised.value)

    other = tmp_path_factory.mktemp("other")
    refuse(other / "nowhere", "nowhere' does not exist")
    refuse(other, "has no subfolders, but needs one for each class")
    (other / "one").mkdir()
    refuse(other, "has only the subfolder 'one', but needs at least two classes")
    (other / "two").mkdir()
    refuse(other, "one' has no images")
    refuse(folder, "n_train .* is 19, but .* has only 18 samples", n_train=17)
    (folder / "dogs" / "bad.jpg").write_bytes(b"no image at all")
    # Another spelling of the path, as what was read once is kept.
    refuse(folder.parent / folder.name / ".." / folder.name, "bad.jpg' cannot be read")


def test_arrays_take_the_operations_that_suit_them(tmp_path: Path):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(60, 3)), np.arange(60) % 3
    np.savez(tmp_path / "classes.npz", x=x, y=y)
    np.savez(tmp_path / "numbers.npz", x=x, y=x[:, :1])
    classes = Arrays(str(tmp_path / "classes.npz"), n_train=30, n_validation=10)
    classes = dataclasses.replace(classes, **ALL)
    assert classes.outputs == 3 and np.sum(sample_of(classes).train.y == 2) <= 6
    path = str(tmp_path / "numbers.npz")
    real = Arrays(path, 30, 10, feature_noise=0.1, variety=0.5, leak=0.5, scaling="all")
    assert real.outputs == 1 and sample_of(real).train.y.shape == (30, 1)
    for name in ("mislabelled", "validation_mislabelled", "minority"):
        with pytest.raises(UserError, match=f"Arrays.{name} needs classes"):
            dataclasses.replace(real, **{name: 0.1})


OWN_DATA = """
from benchmark import MLP, SGD, Arrays, Condition, Scenario, Training
scenario = Scenario("?", ".", Condition(Arrays({path!r}, 8, 4), MLP((4,)), SGD(0.1),
                    Training(1, 4)))
"""


# --- mistakes -----------------------------------------------------------------------------


def with_nan(array: np.ndarray) -> np.ndarray:
    spoilt = array.astype(float)
    spoilt.flat[3] = np.nan
    return spoilt


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (dict(x=with_nan(X), y=Y), "x in {path} has NaN"),
        (dict(x=X, y=with_nan(Y)), "y in {path} has NaN"),
        (dict(x=X * 1e300, y=Y), "x in {path} has NaN, infinite or too large values"),
        (dict(x=X, y=Y[:-1]), "x in {path} has 12 samples, but y has 11"),
        (dict(x=X), "{path} has no array 'y'; it has ['x']"),
        (dict(X=X, y=Y), "{path} has no array 'x'; it has ['X', 'y']"),
        (dict(x=X[:, 0], y=Y), "x in {path} must be [sample, …]"),
        (dict(x=X.astype(str), y=Y), "x in {path} holds <U"),
        (dict(x=X, y=Y - 1), "Classes in {path} must be 0, 1, 2"),
        (dict(x=X[:11], y=Y[:11]), "is 12, but {path} has only 11 samples"),
        (dict(x=X[:0], y=Y[:0]), "x in {path} is empty"),
        (dict(x=X.astype(object), y=Y), "x in {path} holds object, not numbers"),
    ],
)
def test_own_data_are_checked(shell: Shell, tmp_path: Path, arrays: Any, said: str):
    good, bad = tmp_path / "good.npz", tmp_path / "bad.npz"
    np.savez(good, x=X, y=Y)
    np.savez(bad, **arrays)
    (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(good)))
    assert shell("show", "own", "--scenarios", tmp_path).status == 0
    changed = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={bad}"]
    assert said.format(path=bad) in shell.refuses(*changed)


def test_files_that_are_no_npz(shell: Shell, tmp_path: Path):
    good = tmp_path / "good.npz"
    np.savez_compressed(good, x=np.tile(X, (50, 1)), y=np.tile(Y, 50))
    np.save(tmp_path / "single.npy", X)
    (tmp_path / "text.npz").write_text("x,y\n1,2\n")
    (tmp_path / "empty.npz").write_bytes(b"")
    whole = good.read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    # Inside the compressed numbers, behind the first header.
    (tmp_path / "flipped.npz").write_bytes(whole[:60] + bytes(40) + whole[100:])
    (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(good)))
    for name, said in {
        "single.npy": "is no .npz file",
        "text.npz": "is no .npz file",
        "empty.npz": "is no .npz file",
        "cut.npz": "is no .npz file",
        "flipped.npz": "cannot be read as .npz",
        "missing.npz": "does not exist",
    }.items():
        path = tmp_path / name
        words = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={path}"]
        sentence = shell.refuses(*words)
        assert said in sentence and str(path) in sentence


def test_changed_data_are_new_conditions(shell: Shell, tmp_path: Path):
    ids = []
    for number, shift in enumerate((0, 0, 1)):
        path = tmp_path / f"data{number}" / "data.npz"
        path.parent.mkdir()
        np.savez(path, x=X + shift, y=Y)
        (tmp_path / "own.py").write_text(OWN_DATA.format(path=str(tmp_path / "data0/data.npz")))
        words = ["show", "own", "--scenarios", tmp_path, "--set", f"task.path={path}"]
        shown = shell(*words, "--json").json
        ids.append(shown["conditions"][0]["settings"]["task.content"])
    assert ids[0] == ids[1] != ids[2]
