"""From missing blocks to pieces of work, each for one worker."""

from collections import deque
from collections.abc import Hashable, Iterable, Sequence

from benchmark.declare.effort import block_effort
from benchmark.declare.errors import UserError
from benchmark.declare.identity import Template
from benchmark.store.blocks import Block

_GPU_LANES = 4096


def cost(block: Block) -> float:
    """Expected effort of a block."""
    return block_effort(block.condition, block.count, block.lanes)


def shard(blocks: Sequence[Block], text: str) -> list[Block]:
    """The part of the blocks that shard ``i/n`` computes, i from 1 to n.

    Raises:
        UserError: the text is not of that form.
    """
    number, _, total = text.partition("/")
    # Python reads no number of thousands of digits.
    short = len(text) < 100
    plain = short and number.isdecimal() and total.isdecimal()
    if not (plain and 1 <= int(number) <= int(total)):
        raise UserError(f"--shard is {text!r}, but must be i/n with 1 ≤ i ≤ n, such as 2/8.")
    return list(blocks)[int(number) - 1 :: int(total)]


def by_group(blocks: Sequence[Block]) -> dict[Hashable, float]:
    """Group → units of effort."""
    units: dict[Hashable, float] = {}
    for block in blocks:
        group = block.condition.group
        units[group] = units.get(group, 0.0) + cost(block)
    return units


class Queue:
    """Blocks waiting, by group; a worker stays with a group so that few compile it."""

    def __init__(self, blocks: Iterable[Block]):
        self._groups: dict[Template, deque[Block]] = {}
        for block in blocks:
            self._groups.setdefault(block.condition.group, deque()).append(block)
        self._at: dict[str, Template] = {}

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def take(self, worker: str, wide: bool) -> tuple[Block, ...]:
        """The next piece for a worker: one block, or with `wide` as many as fit on a GPU."""
        group = self._choose(worker)
        if group is None:
            return ()
        self._at[worker] = group
        waiting = self._groups[group]
        piece = [waiting.popleft()]
        while wide and waiting and _fits(piece, waiting[0]):
            piece.append(waiting.popleft())
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


def _fits(piece: list[Block], block: Block) -> bool:
    """Whether a block can go through a GPU beside a piece: lanes in step, and enough room."""
    same_length = block.condition.training.epochs == piece[0].condition.training.epochs
    return same_length and sum(b.count for b in piece) + block.count <= _GPU_LANES
