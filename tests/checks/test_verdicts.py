"""Rates of false verdicts."""

import sys
from concurrent.futures import Future
from subprocess import run

from benchmark.checks.verdicts import false_verdicts


def test_intervals_cover_and_null_claims_get_no_verdict():
    # In a process of its own: checking shapes makes thousands of verdicts ten times as slow.
    code = """
from benchmark.checks import procedures
found = procedures("quick")
print(len(found), [comparison.name for comparison in found if not comparison.holds])
"""
    ran = run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    count, missed = ran.stdout.split(maxsplit=1)
    assert int(count) > 40 and missed.strip() == "[]", ran.stderr


class Pool:
    """Stands for the processes that simulate: notes what it is asked, and answers at once."""

    def __init__(self, *_):
        self.asked = []
        Pool.last = self

    last: "Pool"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def submit(self, function, *args):
        self.asked.append(args)
        future = Future()
        future.set_result(0.01)
        return future


def test_rates_of_false_verdicts_that_are_known_are_not_simulated_again(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmark.checks.verdicts.ProcessPoolExecutor", Pool)
    found = false_verdicts("full", tmp_path, tell=str)
    assert len(Pool.last.asked) == len(found) == len(list(tmp_path.iterdir())) > 300
    damaged, lost, *_ = sorted(tmp_path.iterdir())

    damaged.write_text("half a num")
    lost.unlink()
    assert false_verdicts("full", tmp_path, tell=str) == found
    assert len(Pool.last.asked) == 2
    assert len(false_verdicts("full", None, tell=str)) == len(found) == len(Pool.last.asked)
