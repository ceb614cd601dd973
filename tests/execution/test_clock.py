"""Time left: told from pieces of work on a clock that tests turn."""

import pytest

from benchmark.declare.effort import COMPILE_SECONDS, UNITS_PER_SECOND
from benchmark.execution.clock import START_SECONDS, Clock


class Time:
    """A clock that is turned by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def simulate(pieces: dict[str, int], workers: int, compiling: float, speed: float):
    """The outlooks of a run with so many pieces of a second's declared work in every group.

    Args:
        pieces: group → number of pieces.
        workers: how many work.
        compiling: seconds, for each group and worker.
        speed: of training, in multiples of the declared one.

    Returns:
        (time, phase, seconds said to be left) at every event, and when it really ended.
    """
    time = Time()
    clock = Clock({g: n * UNITS_PER_SECOND for g, n in pieces.items()}, workers, time)
    waiting, at = dict(pieces), {}
    said: list[tuple[float, str, float]] = []

    def listen(now: float) -> None:
        outlook = clock.outlook()
        said.append((now, outlook.phase, outlook.seconds))

    listen(0.0)
    time.now = START_SECONDS
    known: set[tuple[int, str]] = set()
    ends: dict[int, tuple[float, int]] = {}
    number = 0

    def hand_out(worker: int) -> None:
        nonlocal number
        # As `Queue` does: one's own group, else one that nobody is at, else any.
        left = [group for group, count in waiting.items() if count]
        free = [group for group in left if group not in at.values()]
        group = at[worker] if at.get(worker) in left else (free or left)[0]
        waiting[group], at[worker] = waiting[group] - 1, group
        clock.handed(number, str(worker), group, UNITS_PER_SECOND)
        takes = 1 / speed + (0 if (worker, group) in known else compiling)
        known.add((worker, group))
        ends[worker] = (time.now + takes, number)
        number += 1

    for worker in range(workers):
        if any(waiting.values()):
            hand_out(worker)
    while ends:
        worker = min(ends, key=lambda each: ends[each][0])
        time.now, done = ends.pop(worker)
        listen(time.now)
        clock.done(done)
        if any(waiting.values()):
            hand_out(worker)
        listen(time.now)
    return said, time.now


@pytest.mark.parametrize("compiling", [1.0, 4.0, 20.0])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("pieces", [{"a": 40}, {"a": 20, "b": 20}, dict.fromkeys("abcdef", 6)])
def test_it_is_right_within_a_factor_of_two_once_something_was_seen(pieces, speed, compiling):
    said, end = simulate(pieces, 2, compiling, speed)
    # Two words of each worker: one tells what compiling takes, the next what training does.
    seen = [each for each in said[1 + 2 * 2 * 2 :] if each[0] < 0.9 * end]
    assert len(seen) > 20
    for now, phase, left in seen:
        assert 0.5 < left / (end - now) < 2.0, (now, phase, left, end)
    assert said[-1][2] == pytest.approx(0.0, abs=1e-6)


def test_the_first_word_is_that_of_the_declared_efforts():
    said, end = simulate({"a": 30, "b": 10}, 2, COMPILE_SECONDS, 1.0)
    assert said[0][1] == "starting workers"
    assert said[0][2] == pytest.approx(end, rel=0.25)


def test_compilation_is_no_training():
    """A minute of compiling before the first of many pieces foretells no hours of training."""
    time = Time()
    clock = Clock({"a": 100 * UNITS_PER_SECOND}, 1, time)
    clock.handed(0, "w", "a", UNITS_PER_SECOND)
    assert clock.outlook().phase == "compiling"
    time.now = 61.0
    clock.heard(0, 1.0)
    assert clock.outlook().phase == "training"
    assert clock.outlook().seconds == pytest.approx(99.0, rel=0.05)


def test_what_was_taken_back_waits_again():
    time = Time()
    clock = Clock({"a": 2 * UNITS_PER_SECOND}, 1, time)
    before = clock.outlook().seconds
    clock.handed(0, "w", "a", UNITS_PER_SECOND)
    clock.dropped(0)
    assert clock.outlook().seconds == pytest.approx(before)


def test_time_passes_between_two_words():
    time = Time()
    clock = Clock({"a": 10 * UNITS_PER_SECOND}, 1, time)
    clock.handed(0, "w", "a", 10 * UNITS_PER_SECOND)
    time.now = 1.0
    clock.heard(0, 0.1)
    first = clock.outlook().seconds
    time.now = 3.0
    assert clock.outlook().seconds == pytest.approx(first - 2.0)
    time.now = 1000.0
    assert clock.outlook().seconds == 0.0
