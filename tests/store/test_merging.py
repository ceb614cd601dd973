"""Results of several folders joined into one."""

from pathlib import Path

import numpy as np
import pytest

from benchmark.declare.asked import Asked
from benchmark.declare.errors import UserError
from benchmark.declare.load import load_file
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.store.blocks import Made, to_dataset
from benchmark.store.files import read, write
from benchmark.store.merging import merge
from benchmark.store.results import Results
from benchmark.store.variants import Variant, remember, variants
from helpers.shell import Shell

TINY = """
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training
scenario = Scenario(
    "?", ".", Condition(Quadratic(n_train=4), Point(), SGD(0.2), Training(2, 2)),
    vary={"training.batch_size": (1, 2)}, seeds=4, block=2,
)
"""


@pytest.fixture
def resolved(tmp_path: Path):
    (tmp_path / "tiny.py").write_text(TINY)
    return load_file(tmp_path / "tiny.py").resolve()


@pytest.fixture
def shards(tmp_path: Path, resolved) -> list[Path]:
    """The folders of two shards."""
    roots = [tmp_path / "one", tmp_path / "two"]
    for place, root in enumerate(roots, 1):
        execute(resolved, root, Options("inline", shard=f"{place}/2"))
    return roots


def blocks(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.glob("tiny/*.nc")}


def test_shards_make_a_whole(tmp_path: Path, resolved, shards: list[Path]):
    assert merge(shards, tmp_path / "all").copied == 4
    assert not Results.at(resolved, tmp_path / "all").missing()
    assert blocks(tmp_path / "all") == blocks(shards[0]) | blocks(shards[1])
    again = merge(shards, tmp_path / "all")
    assert (again.copied, again.same) == (0, 4)


def test_the_block_with_more_runs_stays(tmp_path: Path, resolved, shards: list[Path]):
    merge(shards, tmp_path / "all")
    fewer = load_file(tmp_path / "tiny.py").resolve(seeds=3)
    execute(fewer, tmp_path / "few", Options("inline"))
    merge([tmp_path / "few"], tmp_path / "all")
    assert not Results.at(resolved, tmp_path / "all").missing()
    merge([tmp_path / "all"], tmp_path / "few")
    assert not Results.at(resolved, tmp_path / "few").missing()


def changed(root: Path, resolved, **attributes: str) -> Path:
    """A block with another number or attribute, sealed as if it had been computed so."""
    block = Results.at(resolved, root).all_blocks()[0]
    path = Results.at(resolved, root).path(block)
    stored = read(path)
    assert stored is not None
    series = {name: held.copy() for name, held in stored.series.items()}
    if not attributes:
        next(iter(series.values()))[0, 0] = np.float32(7.0)
    dataset = to_dataset(block, series, Made("cpu", 1, 1.0))
    dataset.attrs.update(attributes)
    write(path, dataset)
    return path


@pytest.mark.parametrize(
    "attributes, said", [({}, "hold different numbers"), ({"code": "other"}, "different code")]
)
def test_nothing_is_copied_if_two_disagree(
    tmp_path: Path, resolved, shards: list[Path], attributes: dict[str, str], said: str
):
    merge(shards, tmp_path / "all")
    wrong = changed(tmp_path / "all", resolved, **attributes)
    before = blocks(tmp_path / "all")
    with pytest.raises(UserError, match=f"Nothing was merged: .*{wrong.name}.*{said}"):
        merge(shards, tmp_path / "all")
    with pytest.raises(UserError, match="Nothing was merged"):
        merge([tmp_path / "all", *shards], tmp_path / "new")
    assert blocks(tmp_path / "all") == before and not (tmp_path / "new").exists()


def test_damaged_files_are_left_out_aloud(shell: Shell, tmp_path: Path, shards: list[Path]):
    broken = next(iter(shards[0].glob("tiny/*.nc")))
    broken.write_bytes(broken.read_bytes()[:-9])
    words = ["merge", *shards, "--results", tmp_path / "all"]
    ended = shell(*words)
    assert ended.status == 1 and "3 blocks copied" in ended.out
    assert ended.err == f"{broken} is damaged, or no block of results; it was left out.\n"


def test_folders_without_results_are_mistakes(tmp_path: Path):
    with pytest.raises(UserError, match="does not exist"):
        merge([tmp_path / "nowhere"], tmp_path / "all")
    with pytest.raises(UserError, match="no blocks of results"):
        merge([tmp_path], tmp_path / "all")


def test_variants_go_along_and_shards_add_up(tmp_path: Path, shards: list[Path]):
    asked = Asked("quick", 4, {"training.epochs": "2,4"})
    for root, part in zip(shards, ("1/2", "2/2"), strict=True):
        remember(root / "tiny", Variant(asked, (part,)))
    merge(shards, tmp_path / "all")
    (found,) = variants(tmp_path / "all" / "tiny")
    assert found == Variant(asked, ("1/2", "2/2"))
