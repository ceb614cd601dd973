"""From missing blocks to pieces of work, each for one worker."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

from benchmark.declare.effort import block_effort
from benchmark.declare.errors import UserError
from benchmark.declare.identity import Template
from benchmark.store.blocks import Block

_GPU_LANES = 4096


Training: TypeAlias = tuple[Block, ...]
"""Blocks that are views of the same runs: they are trained once, and each is looked at."""


def trainings(blocks: Iterable[Block]) -> list[Training]:
    """Blocks put together if they are views of the same runs of a scenario."""
    together: dict[Hashable, list[Block]] = {}
    for block in blocks:
        known = block.condition.in_training
        same = known.id, known.template, block.scenario, block.first, block.count
        together.setdefault(same, []).append(block)
    return [tuple(views) for views in together.values()]


def cost(blocks: Iterable[Block]) -> float:
    """Expected effort of blocks."""
    return sum(
        block_effort([view.condition for view in views], views[0].count, views[0].lanes)
        for views in trainings(blocks)
    )


def steps(blocks: Iterable[Block]) -> int:
    """Run-steps that are made for blocks."""
    return sum(views[0].steps for views in trainings(blocks))


def shard(blocks: Sequence[Block], text: str) -> list[Block]:
    """The part of the blocks that shard ``i/n`` computes, i from 1 to n.

    Views of the same runs are in one shard.

    Raises:
        UserError: the text is not of that form.
    """
    number, _, total = text.partition("/")
    # Python reads no number of thousands of digits.
    short = len(text) < 100
    plain = short and number.isdecimal() and total.isdecimal()
    if not (plain and 1 <= int(number) <= int(total)):
        raise UserError(f"--shard is {text!r}, but must be i/n with 1 ≤ i ≤ n, such as 2/8.")
    mine = trainings(blocks)[int(number) - 1 :: int(total)]
    return [block for views in mine for block in views]


def by_group(blocks: Sequence[Block]) -> dict[Hashable, float]:
    """Group → units of effort."""
    units: dict[Hashable, float] = {}
    for views in trainings(blocks):
        group = views[0].condition.group
        units[group] = units.get(group, 0.0) + cost(views)
    return units


class Queue:
    """Blocks waiting, by group; a worker stays with a group so that few compile it."""

    def __init__(self, blocks: Iterable[Block]):
        self._groups: dict[Template, deque[Training]] = {}
        for views in trainings(blocks):
            self._groups.setdefault(views[0].condition.group, deque()).append(views)
        self._at: dict[str, Template] = {}

    def __len__(self) -> int:
        return sum(len(views) for waiting in self._groups.values() for views in waiting)

    def take(self, worker: str, wide: bool) -> tuple[Block, ...]:
        """The next piece for a worker: one training, or with `wide` as many as fit on a GPU."""
        group = self._choose(worker)
        if group is None:
            return ()
        self._at[worker] = group
        waiting = self._groups[group]
        piece = list(waiting.popleft())
        while wide and waiting and _fits(piece, waiting[0]):
            piece += waiting.popleft()
        return tuple(piece)

    def _choose(self, worker: str) -> Template | None:
        waiting = [group for group, blocks in self._groups.items() if blocks]
        if not waiting:
            return None
        if self._at.get(worker) in waiting:
            return self._at[worker]
        taken = {group for name, group in self._at.items() if name != worker}
        free = [group for group in waiting if group not in taken]
        # The longest first, so that the end is not one worker's long piece.
        return max(free or waiting, key=lambda g: sum(map(cost, self._groups[g])))


def _fits(piece: list[Block], views: Training) -> bool:
    """Whether a training goes through a GPU beside a piece: lanes in step, and enough room."""
    same_length = views[0].condition.training.epochs == piece[0].condition.training.epochs
    lanes = sum(each[0].count for each in trainings([*piece, *views]))
    return same_length and lanes <= _GPU_LANES
