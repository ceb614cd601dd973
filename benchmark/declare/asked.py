"""What somebody asks to be changed in a scenario: its scale, seeds, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmark.declare.identity import digest


@dataclass(frozen=True)
class Asked:
    """A scenario as somebody asks for it.

    Attributes:
        scale: "quick" or "paper".
        seeds: runs per condition; None for the scale's.
        settings: dotted path → value as text; levels are separated by commas.
    """

    scale: str = "quick"
    seeds: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether it is the scenario as its scale declares it."""
        return self.seeds is None and not self.settings

    @property
    def name(self) -> str:
        """A short name; the same for the same changes everywhere."""
        return digest([self.scale, self.seeds, dict(self.settings)], 6)

    @property
    def flags(self) -> list[str]:
        """What is to be given on the command line for it."""
        said = ["--scale", self.scale] if self.scale != "quick" else []
        said += ["--seeds", str(self.seeds)] if self.seeds is not None else []
        for path, text in self.settings.items():
            said += ["--set", f"{path}={text}"]
        return said
