"""A scenario: one question, declared."""

import copy
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, NamedTuple, TypeAlias

from benchmark.declare.causes import Cause, Cure
from benchmark.declare.claims import Claim
from benchmark.declare.condition import Condition
from benchmark.declare.designs import (
    ARM,
    MOST_CONDITIONS,
    Cases,
    Design,
    Product,
    as_design,
    axes_of,
    is_label,
    size_of,
)
from benchmark.declare.errors import UserError, one_of, own_call, require
from benchmark.declare.fields import Declared, static
from benchmark.declare.measure import Measure
from benchmark.declare.paths import get, parse, with_settings

Family: TypeAlias = Literal[
    "optimisation", "data", "model", "measurement", "seeds", "case", "own"
]
SCALES = ("quick", "paper")
MOST_SEEDS = 1_000_000
MOST_BLOCKS = 1_000_000
"""What asks for more than these is taken for a slip of the keyboard: it would never end."""


@dataclass(frozen=True)
class Scenario(Declared):
    """One question about fluctuating curves, and how it is answered.

    Attributes:
        question: what is asked, as a practitioner would.
        says: the folk statement under test, in our words, and where it comes from.
        base: the condition all others are made from.
        vary: what differs between conditions (see `benchmark.declare.designs`).
        claims: the statements that get a verdict.
        dose: path of the setting on the horizontal axis of figures; the first that varies
            if not given.
        show: the measures of the printed table (default: those of the claims).
        attribute: the measures whose differences a `Factorial` shares out among its
            suspects (default: those shown).
        causes: pairs of conditions that differ in one cause of fluctuation.
        cures: pairs of conditions that differ in one remedy.
        fingerprints: whether every run is to be assigned to its cause by its curves alone;
            the arms are the systems, and each has all causes and one healthy condition.
        seeds: runs per condition at quick scale.
        block: runs computed and stored together.
        lanes: runs side by side in one program on a CPU core; more than 1 pays only for
            models of a handful of parameters.
        scales: what each scale changes: "seeds", "vary", or any setting by dotted path.
        derive: further settings computed from a condition, for axes and `where`.
        figure: draws the special figure of the scenario; a function of an empty matplotlib
            figure and of the stored conditions, a list of `benchmark.curves.ConditionResult`
            in the order of the design, each with its settings and the series of its runs.
        version: raise it when the meaning of results changes.
    """

    question: str
    says: str
    base: Condition
    vary: Mapping[str, Any] | Design = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    family: Family = "own"
    dose: str | None = None
    show: tuple[Measure, ...] = ()
    attribute: tuple[Measure, ...] = ()
    causes: tuple[Cause, ...] = ()
    cures: tuple[Cure, ...] = ()
    fingerprints: bool = False
    seeds: int = static(32, at_least=2)
    block: int = static(16, at_least=1)
    lanes: int = static(1, at_least=1)
    scales: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    derive: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    figure: Callable[..., Any] | None = None
    version: int = static(1, at_least=1)
    name: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        names = [claim.name for claim in self.claims]
        for name in names:
            require(names.count(name) == 1, f"Two claims have the name {name!r}.")
        self._check_measures()
        for scale in self.scales:
            one_of("A key of Scenario.scales", scale, SCALES)
        for name, rule in self.derive.items():
            require(
                isinstance(name, str) and callable(rule),
                f"Scenario.derive[{name!r}] is {rule!r}, but must be a function of the "
                "condition.",
            )
        # Resolving here makes a wrong path or value an error of the declaration.
        plain: dict[str, Resolved] = {}
        for scale in dict.fromkeys((SCALES[0], *self.scales)):
            plain[scale] = self._resolve(scale, None, {}, plain.get(SCALES[0]))
            _readable(self, plain[scale])
        object.__setattr__(self, "_plain", plain)

    def _check_measures(self) -> None:
        """Raise if two measures go by one name: stored results know them by nothing else."""
        claimed = (m for claim in self.claims for m in (claim.measure, *claim.tune.values()))
        known: dict[str, Measure] = {}
        for measure in (*self.show, *self.attribute, *claimed):
            require(
                known.setdefault(measure.name, measure) == measure,
                f"Two different measures have the name {measure.name!r}.",
            )

    def __repr__(self) -> str:
        """A few lines: question, size, what varies, names of the claims."""
        plain: Resolved = self.__dict__["_plain"][SCALES[0]]
        varied = [f"{path} ({len(levels)})" for path, levels in self._varied().items()]
        lines = [
            f"Scenario {self.name!r} ({self.family}): {self.question}",
            f"  {len(plain.conditions)} conditions × {plain.seeds} seeds, scale {plain.scale}",
            f"  varies {', '.join(varied) or 'nothing'}",
            f"  claims: {', '.join(claim.name for claim in self.claims) or 'none'}",
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The same for a notebook, with levels and what the claims say."""
        first, *more = map(escape, repr(self).splitlines()[:2])
        varied = [(path, ", ".join(levels)) for path, levels in self._varied().items()]
        said = [(claim.name, claim.says) for claim in self.claims]
        return (
            f"<p><b>{first}</b><br>{escape(self.says)}<br>{'<br>'.join(more)}</p>"
            + _html_table(("setting", "levels"), varied)
            + _html_table(("claim", "what it says"), said)
        )

    def _varied(self) -> dict[str, tuple[str, ...]]:
        """The settings that have several levels."""
        plain: Resolved = self.__dict__["_plain"][SCALES[0]]
        return {path: levels for path, levels in plain.levels.items() if len(levels) > 1}

    def named(self, name: str) -> "Scenario":
        """The same scenario with a name; it is valid already, and validating it is dear."""
        named = copy.copy(self)
        object.__setattr__(named, "name", name)
        return named

    def resolve(
        self,
        scale: str = "quick",
        seeds: int | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> "Resolved":
        """The conditions and seeds of a scale, with overrides given as text.

        An override of a varied axis replaces its levels; several levels are separated by
        commas.

        Raises:
            UserError: unknown scale or setting, a value that does not fit, more conditions
                or runs than could ever be computed, or a function of `derive` fails.
        """
        one_of("scale", scale, SCALES)
        plain: Mapping[str, Resolved] = self.__dict__["_plain"]
        if seeds is None and not overrides and (scale in plain or scale not in self.scales):
            known = plain.get(scale, plain[SCALES[0]])
            resolved = dataclasses.replace(known, scenario=self, scale=scale)
        else:
            resolved = self._resolve(scale, seeds, overrides or {})
        # Not in the declaration: such a function may use what its file defines further down.
        if self.derive:
            for member in resolved.members:
                resolved.settings(member)
        return resolved

    def _resolve(
        self,
        scale: str,
        seeds: int | None,
        overrides: Mapping[str, str],
        known: "Resolved | None" = None,
    ) -> "Resolved":
        """See `resolve`; `known` has the conditions where only the number of seeds differs."""
        changes = dict(self.scales.get(scale, {}))
        count = changes.pop("seeds", self.seeds)
        if seeds is not None:
            count = seeds
        if known is not None and not changes and not self.scales.get(known.scale):
            _check_seeds(count, self.block, len(known.conditions))
            return dataclasses.replace(known, scale=scale, seeds=count)
        vary = changes.pop("vary", self.vary)
        base = with_settings(self.base, changes)
        design = as_design(vary)
        _check_size(size_of(design))
        cases = list(design)
        fixed = {path: _levels(base, cases, path, text) for path, text in overrides.items()}
        swept = set(axes_of(vary)) | {path for path, levels in fixed.items() if len(levels) > 1}
        kept = tuple({p: v for p, v in case.items() if p not in fixed} for case in cases)
        _check_size(len(kept) * math.prod(map(len, fixed.values())))
        members = (
            _member(base, overridden)
            for case in kept
            for overridden in Product(Cases((case,)), _applicable(base, case, fixed))
        )
        unique = {(member.arm, member.condition.id): member for member in members}
        resolved = Resolved(self, scale, count, tuple(unique.values()), tuple(sorted(swept)))
        _check_seeds(count, self.block, len(resolved.conditions))
        return resolved


def _html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table; everything in it is text."""

    def row(cells: Sequence[str], kind: str) -> str:
        content = "".join(
            f'<{kind} style="text-align: left">{escape(c)}</{kind}>' for c in cells
        )
        return f"<tr>{content}</tr>"

    return f"<table>{row(heads, 'th')}{''.join(row(cells, 'td') for cells in rows)}</table>"


def _check_size(conditions: int) -> None:
    require(
        conditions <= MOST_CONDITIONS,
        f"vary asks for {_counted(conditions)} conditions, but at most {MOST_CONDITIONS:,} "
        "are allowed.",
    )


def _check_seeds(seeds: Any, block: int, conditions: int) -> None:
    """Raise unless so many runs per condition, in blocks of so many, are sensible."""
    require(
        isinstance(seeds, int) and not isinstance(seeds, bool),
        f"seeds is {seeds!r}, but must be a whole number.",
    )
    require(seeds >= 2, f"seeds is {seeds}, but must be at least 2.")
    require(
        seeds <= MOST_SEEDS,
        f"seeds is {_counted(seeds)}, but must be at most {MOST_SEEDS:,}.",
    )
    blocks = conditions * math.ceil(seeds / block)
    require(
        blocks <= MOST_BLOCKS,
        f"{conditions:,} conditions with {seeds:,} seeds each, in blocks of {block}, are "
        f"{blocks:,} blocks, but at most {MOST_BLOCKS:,} are allowed.",
    )


def _counted(number: int) -> str:
    """A number, also one of thousands of digits, which Python would not print."""
    if number < 10**15:
        return f"{number:,}"
    return f"about 10^{int((number.bit_length() - 1) * math.log10(2))}"


def _readable(scenario: Scenario, resolved: "Resolved") -> None:
    """Raise unless all texts for people can be written to a file or terminal."""
    texts = {"Scenario.question": scenario.question, "Scenario.says": scenario.says}
    texts |= {f"says of claim {claim.name!r}": claim.says for claim in scenario.claims}
    texts |= {f"The arm {arm!a}": arm for arm in resolved.arms}
    for what, text in texts.items():
        require(isinstance(text, str), f"{what} is {text!r}, but must be a text.")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"{what} has a character that no file can hold: {text[error.start]!a}."
            ) from error


def _applicable(
    base: Condition, case: Mapping[str, Any], fixed: Mapping[str, tuple[Any, ...]]
) -> dict[str, tuple[Any, ...]]:
    """The overrides of settings that the condition of a case has; arms may differ in parts."""
    if not fixed:
        return {}
    condition, applicable = _member(base, case).condition, {}
    for path, levels in fixed.items():
        try:
            get(condition, path)
        except UserError:
            continue
        applicable[path] = levels
    return applicable


def _levels(
    base: Condition, cases: list[dict[str, Any]], path: str, text: str
) -> tuple[Any, ...]:
    """The levels that `text` gives for `path`, on whichever condition has that setting."""
    problem: UserError | None = None
    for case in cases:
        try:
            condition = _member(base, case).condition
            get(condition, path)
        except UserError as error:
            problem = problem or error
            continue
        levels = tuple(parse(condition, path, part.strip()) for part in text.split(","))
        for level in levels:
            require(
                levels.count(level) == 1,
                f"--set {path}={text}: a level is given twice. Levels are separated by commas; "
                "the numbers of one level, such as widths, by hyphens: 64-64.",
            )
        return levels
    raise problem or UserError(f"There is no setting {path!r}.")


class Member(NamedTuple):
    """A condition in an arm of the design; the arm is "" where there are none.

    `labels` holds the suspects of a factorial that are off and on, by setting.
    """

    arm: str
    condition: Condition
    labels: tuple[tuple[str, bool], ...] = ()


def _member(base: Condition, case: Mapping[str, Any]) -> Member:
    """The condition of a case, with the settings that are no part of it as its labels."""
    condition = with_settings(base, {p: v for p, v in case.items() if not is_label(p)})
    labels = tuple((p, v) for p, v in case.items() if is_label(p) and p != ARM)
    return Member(case.get(ARM, ""), condition, labels)


@dataclass(frozen=True)
class Resolved:
    """A scenario at one scale: what `run` computes and `summary` reads.

    Its runs have the seeds from `first_seed` on.
    """

    scenario: Scenario
    scale: str
    seeds: int
    members: tuple[Member, ...]
    axes: tuple[str, ...]
    first_seed: int = 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition once."""
        return tuple({m.condition.id: m.condition for m in self.members}.values())

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms, in order."""
        return tuple(dict.fromkeys(member.arm for member in self.members if member.arm))

    @property
    def dose(self) -> str | None:
        """The axis of figures: declared, else the first that varies."""
        declared = self.scenario.dose
        if declared is not None:
            return declared
        varied = axes_of(self.scenario.vary)
        return varied[0] if varied else None

    def settings(self, member: Member | Condition) -> dict[str, Any]:
        """All settings of a condition, with its arm and the scenario's derived ones."""
        arm, condition, labels = member if isinstance(member, Member) else Member("", member)
        derived = {
            name: own_call(
                f"derive[{name!r}] of scenario {self.scenario.name!r}", rule, condition
            )
            for name, rule in self.scenario.derive.items()
        }
        return condition.settings | derived | dict(labels) | ({ARM: arm} if arm else {})

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Every setting with its levels in words; one level where it does not vary."""
        every = [self.settings(member) for member in self.members]
        paths = dict.fromkeys(path for settings in every for path in settings)
        return {
            path: tuple(dict.fromkeys(str(s[path]) for s in every if path in s))
            for path in paths
        }
