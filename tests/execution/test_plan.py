"""Shards, and who computes what."""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmark import UserError
from benchmark.declare.load import load_file
from benchmark.execution.plan import Queue, shard
from benchmark.execution.run import Options, Report
from benchmark.execution.run import run as execute
from benchmark.store.results import Results


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
