"""The house as CONTRIBUTING.md draws it: which room may import from which."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import benchmark

PACKAGE = Path(benchmark.__file__).parent

FLOORS = (
    "declare",
    "wording, posts, theory, store, tasks, models, optimizers, parts, statistics.resolution",
    "statistics.measures, statistics.inference, statistics.selection, probes, training",
    "measures, statistics.attribution, execution",
    "statistics.recognition, statistics.claims, curves, speed, parity",
    "claims, answers",
    "checks, tables",
    "figures",
    "plot, paper, workbench",
    "report",
    "cli",
    "__main__",
)
"""From the ground up; a room imports from floors below it and from nowhere else."""


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Module → modules of the package that it imports: anywhere in it, for types too."""
    files = {name_of(path): path for path in PACKAGE.rglob("*.py")}
    return {name: frozenset(_imported(path, files)) - {name} for name, path in files.items()}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _imported(path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from {inner if inner in files else node.module or ""} & files.keys()


def room(module: str) -> str:
    _, _, inside = module.partition(".")
    first, _, rest = inside.partition(".")
    if first != "statistics":
        return first
    return f"statistics.{rest.partition('.')[0]}"


def test_no_module_imports_itself_in_the_end():
    above: list[str] = []
    done: set[str] = set()

    def visit(module: str) -> None:
        assert module not in above, " → ".join([*above[above.index(module) :], module])
        if module not in done:
            above.append(module)
            for other in sorted(imports()[module]):
                visit(other)
            done.add(above.pop())

    for module in imports():
        visit(module)
    assert len(done) > 200


def test_rooms_import_from_below_alone():
    floor = {name: n for n, names in enumerate(FLOORS) for name in names.split(", ")}
    # The package's own front door opens to all of it.
    modules = imports().keys() - {"benchmark", "benchmark.statistics"}
    assert {room(module) for module in modules} == floor.keys()
    wrong = {
        f"{module} → {other}"
        for module in modules
        for other in imports()[module] - {"benchmark"}
        if room(module) != room(other) and floor[room(module)] <= floor[room(other)]
    }
    assert not wrong


def test_every_room_is_on_the_map():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text()
    drawn = set(text.partition("## The house")[2].split("```")[1].split())
    doors = {*benchmark.__all__, "__main__", "", "resolution", "selection"}
    rooms = {room(module).rpartition(".")[2] for module in imports()}
    assert rooms - doors <= drawn
