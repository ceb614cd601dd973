"""``speed``: run-steps per second, side by side with PyTorch."""

from typing import Annotated

import typer

from benchmark.cli.options import AsJson, print_json


def speed(
    seconds: Annotated[float, typer.Option(help="How long each side is measured.")] = 5.0,
    growth: Annotated[
        bool, typer.Option("--growth", help="Instead: how time and memory grow with seeds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train the same networks with this engine and with PyTorch, and print the ratio.

    Needs the `speed` extra. PyTorch is given the faster of two forms: one process with all
    threads, or one pinned one-thread process per core.
    """
    if growth:
        _growth(as_json)
        return
    from benchmark.speed.compare import compare

    rows = []
    if not as_json:
        columns = f"{'ours':>9} {'PyTorch':>9} {'ratio':>7} {'of peak':>8}"
        print(f"{'run-steps per second':30} {columns}")
    for speed in compare(seconds):
        rows.append(
            {
                "model": speed.model,
                "ours": speed.ours,
                "pytorch": speed.pytorch.best,
                "pytorch_one_process": speed.pytorch.one_process,
                "pytorch_per_core": speed.pytorch.per_core,
                "ratio": speed.ratio,
                "peak_share": speed.peak_share,
            }
        )
        if not as_json:
            print(
                f"{speed.model:30} {speed.ours:9,.0f} {speed.pytorch.best:9,.0f} "
                f"{speed.ratio:6.1f}× {speed.peak_share:8.0%}",
                flush=True,
            )
    if as_json:
        print_json(rows)


def _growth(as_json: bool) -> None:
    from benchmark.speed.growth import growth

    if not as_json:
        print(f"{'seeds':>6} {'seconds beyond compilation':>27} {'peak memory of worker':>22}")
    rows = []
    for row in growth():
        rows.append(row._asdict())
        if not as_json:
            print(f"{row.seeds:6} {row.seconds:27.1f} {row.peak_mib:18.0f} MiB", flush=True)
    if as_json:
        print_json(rows)
