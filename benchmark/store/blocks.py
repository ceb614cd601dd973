"""A block on disk: the runs of one condition for consecutive seeds, in one netCDF file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.identity import canonical, code_digest
from benchmark.declare.series import parse
from benchmark.store.names import block_filename

if TYPE_CHECKING:
    import xarray as xr

_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy")
_DIMENSIONS = ("run", "epoch", "step")


@dataclass(frozen=True)
class Block:
    """Which runs: `count` seeds of a condition, from `first` on, so many side by side."""

    scenario: str
    version: int
    condition: Condition
    first: int
    count: int
    lanes: int = 1

    @property
    def seeds(self) -> range:
        """The seeds of the runs."""
        return range(self.first, self.first + self.count)

    @property
    def filename(self) -> str:
        """Name of the file, the same on every machine."""
        return block_filename(self.condition, self.version, self.first)

    @property
    def steps(self) -> int:
        """Run-steps of the whole block."""
        training = self.condition.training
        return self.count * training.epochs * self.condition.steps_per_epoch


@dataclass(frozen=True)
class Made:
    """How a block was made; stored with it."""

    device: str
    lanes: int
    seconds: float


def to_dataset(block: Block, series: Mapping[str, np.ndarray], made: Made) -> "xr.Dataset":
    """The block's runs as a labelled dataset.

    Args:
        block: which runs.
        series: name → [run, epoch] or [run, epoch, step].
        made: where and how fast.
    """
    import xarray as xr

    variables = {
        name: (_DIMENSIONS[: values.ndim], values, {"units": units(name)})
        for name, values in sorted(series.items())
    }
    epochs = np.arange(block.condition.training.epochs + 1)
    attributes = {
        "scenario": block.scenario,
        "scenario_version": block.version,
        "condition_id": block.condition.id,
        "condition": json.dumps(canonical(block.condition, whole=True), sort_keys=True),
        "device": made.device,
        "lanes": made.lanes,
        "seconds": made.seconds,
        "versions": json.dumps(versions()),
        "code": code_digest(block.condition),
        "digest": series_digest(series),
    }
    coordinates = {"run": ("run", np.array(block.seeds)), "epoch": ("epoch", epochs)}
    return xr.Dataset(variables, coordinates, attributes)


def units(name: str) -> str:
    """Unit of a series: nats for losses (cross-entropy), else a pure number."""
    return "nat or squared target" if parse(name).is_loss else "1"


def series_digest(series: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of all numbers; equal exactly when every bit is."""
    total = hashlib.sha256()
    for name in sorted(series):
        values = np.ascontiguousarray(series[name])
        total.update(f"{name}{values.dtype}{values.shape}".encode())
        total.update(values.tobytes())
    return total.hexdigest()


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of the packages that results depend on."""
    installed = {}
    for package in _PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            installed[package] = "?"
    return installed
