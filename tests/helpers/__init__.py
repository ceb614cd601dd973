"""What several tests need: small scenarios, made-up results, numbers, and the command line."""

from pathlib import Path

import benchmark

ROOT = Path(benchmark.__file__).parents[1]
"""The clone."""
