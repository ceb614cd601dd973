"""``speed``: run-steps per second, side by side with PyTorch."""

from benchmark.cli.options import AsJson


def speed(as_json: AsJson = False) -> None:
    """Train the same networks with this engine and with PyTorch, and print the ratio."""
