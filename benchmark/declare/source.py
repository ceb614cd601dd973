"""Source code that something depends on: of the package, and a user's own beside it.

The package is taken file by file, along its imports. Own code, such as the classes and
functions of a scenario file, is taken statement by statement: those that define a name, and
all that these use in turn, so that another claim in the same file is no other model. Comments,
docstrings and layout do not count. Installed packages are told apart by their versions alone.
"""

import ast
import hashlib
import inspect
import symtable
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import decode_source
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

PACKAGE = Path(__file__).resolve().parents[1]
TEXT = "__source_text__"
"""Name in a module under which its source is kept as it was loaded: files may be edited."""

Definition: TypeAlias = type | Callable[..., Any]

_ELUSIVE = {"eval", "exec", "globals", "importlib", "locals", "vars", "__import__"}
"""Names with which code reaches others that its text does not show: take the whole file."""


# --- the package --------------------------------------------------------------------------


def package_files(roots: Iterable[str], package: Path = PACKAGE) -> tuple[Path, ...]:
    """The files named by `roots` and all that they import from the package, sorted.

    Args:
        roots: files below `package`, or patterns of them, such as "models/*.py".
        package: the folder of the package.
    """
    waiting = [path for root in roots for path in package.glob(root)]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _files_of(_digested(_text(path)).imports, package)
    return tuple(sorted(found))


def package_code(files: Iterable[Path], package: Path = PACKAGE) -> dict[str, str]:
    """Name of a file → digest of its code."""
    return {path.relative_to(package).as_posix(): _digested(_text(path)).code for path in files}


class _File(NamedTuple):
    """Digest of a file's code, and the dotted names that it imports."""

    code: str
    imports: tuple[str, ...]


@lru_cache(maxsize=512)
def _digested(text: str) -> _File:
    try:
        tree = _plain(text)
    except (SyntaxError, ValueError):
        # A file that lies there and is no Python of today.
        return _File(_hash(text), ())
    return _File(_hash(ast.unparse(tree)), tuple(_imported(tree)))


def _files_of(modules: Iterable[str], package: Path) -> Iterator[Path]:
    """The files of those modules that are the package's.

    What `benchmark` itself offers is re-exported from where it is defined.
    """
    for name in modules:
        first, *rest = name.split(".")
        if first == package.name and rest:
            place = package.joinpath(*rest)
            for path in (place.with_suffix(".py"), place / "__init__.py"):
                if path.is_file():
                    yield path


def _imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names of all modules that imports below `tree` may load."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "on_first_use":
            yield from (
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


# --- own code -----------------------------------------------------------------------------


def own_code(definitions: Iterable[Definition], known: frozenset[Path]) -> list[str]:
    """Digests of all source outside of `known` files that classes and functions depend on.

    Of a notebook, the cells are taken as they were run. What was typed into a plain console
    has no source at all and is digested as it is pickled. That differs in every process: such
    code is never the same again.
    """
    cells = len(_cells(vars(sys.modules["__main__"])))
    return sorted({part for each in definitions for part in _own(each, known, cells)})


@lru_cache(maxsize=1024)
def _own(definition: Definition, known: frozenset[Path], cells: int) -> frozenset[str]:
    """Remembered until another of the notebook's cells is run, in which anything may change."""
    search = _Search(known)
    search.add(definition)
    return frozenset(search.found)


class _Unit(NamedTuple):
    """A statement of a module.

    Attributes:
        binds: names that it gives a meaning to; None if it may have an effect on anything.
        stores: all names in it that are given a meaning.
        anew: names that mean nothing else after it than what it says.
        uses: names in it.
        at_once: those that it looks up when it is run, and not when what it defines is.
        code: its text.
        modules: what it imports.
    """

    binds: frozenset[str] | None
    stores: frozenset[str]
    anew: frozenset[str]
    uses: frozenset[str]
    at_once: frozenset[str]
    code: str
    modules: tuple[str, ...]


def _chosen(units: Sequence[_Unit], name: str) -> list[_Unit]:
    """The statements that define `name` and what these use in turn."""
    wanted = {name.partition(".")[0]}
    # What is made inside of a function depends on who called that, and with what.
    whole = "<" in name or not any(wanted & (unit.binds or set()) for unit in units)
    taken: dict[int, _Unit] = {}
    while new := {
        place: unit
        for place, unit in enumerate(units)
        if place not in taken and (whole or unit.binds is None or unit.binds & wanted)
    }:
        taken |= new
        wanted = wanted.union(*(unit.uses for unit in new.values()))
        whole = whole or bool(wanted & _ELUSIVE)
    return [taken[place] for place in sorted(taken)]


class _Search:
    """Follows names through own modules until nothing new is found."""

    def __init__(self, known: frozenset[Path]):
        self.found: set[str] = set()
        self._known = known
        self._files: set[Path] = set()

    def add(self, definition: Definition) -> None:
        """Take the source of a class with its bases, or of a function with its closure."""
        if isinstance(definition, type):
            for each in definition.__mro__:
                self._define(each, _namespace_of_class(each))
            return
        function = inspect.unwrap(getattr(definition, "__func__", definition))
        self._define(function, getattr(function, "__globals__", {}))
        for cell in getattr(function, "__closure__", None) or ():
            if inspect.isfunction(cell.cell_contents) or inspect.isclass(cell.cell_contents):
                self.add(cell.cell_contents)

    def _define(self, definition: Definition, namespace: dict[str, Any]) -> None:
        file = namespace.get("__file__")
        top = str(definition.__module__).partition(".")[0]
        installed = top in sys.stdlib_module_names
        if not namespace or installed or (file is not None and not self._is_own(Path(file))):
            return
        text, name = text_of(namespace), definition.__qualname__
        if file is not None and text is not None:
            self._take(Path(file).name, _chosen(_units(text), name))
        elif typed := _in_force(_typed(_cells(namespace)), name):
            # Sorted, as cells are run in any order.
            self._take("notebook", sorted(typed, key=attrgetter("code")))
        else:
            import cloudpickle

            self.found.add(hashlib.sha256(cloudpickle.dumps(definition)).hexdigest())

    def _take(self, file: str, units: Sequence[_Unit]) -> None:
        """Take statements, and the modules that they import."""
        self.found.add(_hash("\n".join([file, *(unit.code for unit in units)])))
        self._follow(module for unit in units for module in unit.modules)

    def _follow(self, modules: Iterable[str]) -> None:
        """Take, as whole files, modules that are neither installed nor known."""
        for module in modules:
            top = module.partition(".")[0]
            spec = PathFinder.find_spec(top)
            if top == PACKAGE.name:
                files = list(_files_of([module], PACKAGE))
            elif spec is None:
                files = []
            elif spec.submodule_search_locations is None:
                files = [Path(spec.origin)] if spec.origin else []
            else:
                own = filter(self._is_own, map(Path, spec.submodule_search_locations))
                files = [path for folder in own for path in sorted(folder.rglob("*.py"))]
            for path in files:
                self._take_file(top, path)

    def _take_file(self, module: str, path: Path) -> None:
        if path in self._files or path.suffix != ".py" or not self._is_own(path):
            return
        self._files.add(path)
        loaded = vars(sys.modules[module]) if module in sys.modules else {}
        is_loaded = loaded.get("__file__") == str(path)
        held = _digested((text_of(loaded) if is_loaded else None) or _text(path))
        self.found.add(_hash(f"{path.name}\n{held.code}"))
        self._follow(held.imports)

    def _is_own(self, path: Path) -> bool:
        resolved = path.resolve()
        if resolved.is_relative_to(PACKAGE):
            return resolved not in self._known
        return not is_installed(resolved)


def is_installed(path: Path) -> bool:
    """Whether a file belongs to the standard library or to an installed package."""
    resolved = path.resolve()
    installed = any(part in ("site-packages", "dist-packages") for part in resolved.parts)
    return installed or any(map(resolved.is_relative_to, _standard_library()))


def text_of(namespace: dict[str, Any]) -> str | None:
    """Source of the module with these names as it was when first asked for; None without."""
    if TEXT not in namespace:
        file = namespace.get("__file__")
        if file is None or not Path(file).is_file():
            return None
        namespace[TEXT] = _text(Path(file))
    return namespace[TEXT]


def _namespace_of_class(cls: type) -> dict[str, Any]:
    """The names of the module that a class was made in.

    Its functions know it; two files with one module name may have been loaded.
    """
    for held in vars(cls).values():
        function = getattr(held, "fget", None) or getattr(held, "__func__", held)
        if inspect.isfunction(function) and function.__module__ == cls.__module__:
            return inspect.unwrap(function).__globals__
    return vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}


@lru_cache(maxsize=1)
def _standard_library() -> tuple[Path, ...]:
    return tuple(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib"))


# --- notebooks ----------------------------------------------------------------------------


def _cells(namespace: dict[str, Any]) -> list[str]:
    """The cells that were run so far, in that order, if the names are those of a notebook."""
    cells = namespace.get("In")
    return list(cells) if "get_ipython" in namespace and isinstance(cells, list) else []


def _typed(cells: Iterable[str]) -> list[_Unit]:
    """The statements of cells that give names a meaning.

    Others, such as those that run and draw, are not taken: nearly every cell has some. A name
    that a function has for itself is none of the notebook's: nearly every cell has an `x`.
    """
    units = []
    for cell in cells:
        try:
            found = _units(cell)
        except (SyntaxError, ValueError):
            continue
        units += [
            unit._replace(binds=unit.binds or unit.stores, uses=_of_module(unit.code))
            for unit in found
            if unit.binds or unit.stores
        ]
    return units


@lru_cache(maxsize=1024)
def _of_module(code: str) -> frozenset[str]:
    """The names in a statement that are those of its module."""
    found: set[str] = set()
    scopes = [symtable.symtable(code, "cell", "exec")]
    while scopes:
        scope = scopes.pop()
        top = scope.get_type() == "module"
        names = scope.get_symbols()
        found |= {name.get_name() for name in names if top or name.is_global()}
        scopes += scope.get_children()
    return frozenset(found)


def _in_force(units: Sequence[_Unit], name: str) -> list[_Unit]:
    """The statements that define `name` and what these use, without those that are outdated.

    A cell may be edited and run again. What it said before is outdated, unless a statement in
    between has made something of it: a subclass keeps the base that it was made with.

    Returns:
        None of them if `name` is of the inside of a function, or was not typed at all.
    """
    top = name.partition(".")[0]
    if "<" in name or not any(top in (unit.binds or ()) for unit in units):
        return []
    while True:
        taken = _chosen(units, name)
        kept = [unit for at, unit in enumerate(taken) if not _outdated(unit, taken[at + 1 :])]
        if len(kept) == len(taken):
            return kept
        units = kept


def _outdated(unit: _Unit, later: Sequence[_Unit]) -> bool:
    names = unit.binds or frozenset()
    for other in later:
        if other.code == unit.code:
            return True
        if other.at_once & names:
            return False
        if other.anew >= names:
            return True
    return False


# --- text ---------------------------------------------------------------------------------


def _text(path: Path) -> str:
    return decode_source(path.read_bytes())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(text: str) -> ast.Module:
    """The syntax tree without docstrings, and without imports for type checkers alone."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [s for s in body if not _is_comment(s)] or [ast.Pass()]  # pyright: ignore[reportAttributeAccessIssue]
    return tree


def _is_comment(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Constant(str())):
            return True
        case ast.If(ast.Name("TYPE_CHECKING"), _, []):
            return True
    return False


@lru_cache(maxsize=256)
def _units(text: str) -> tuple[_Unit, ...]:
    return tuple(
        _unit(statement) for whole in _plain(text).body for statement in _separate(whole)
    )


def _unit(statement: ast.stmt) -> _Unit:
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    binds = _bound(statement)
    changed = isinstance(statement, ast.AugAssign)
    return _Unit(
        binds,
        frozenset(name.id for name in names if isinstance(name.ctx, ast.Store)),
        binds if binds is not None and not changed else frozenset(),
        frozenset(name.id for name in names),
        frozenset(_looked_up(statement)),
        ast.unparse(statement),
        tuple(_imported(statement)),
    )


def _looked_up(node: ast.AST) -> Iterator[str]:
    """The names that are looked up below a node when it is run: not in bodies of functions."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Store):
            yield node.id
        return
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    later = [node.body] if isinstance(node, ast.Lambda) else []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        later = node.body
    for child in ast.iter_child_nodes(node):
        if child not in later:
            yield from _looked_up(child)


def _separate(statement: ast.stmt) -> Iterator[ast.stmt]:
    """An import name by name: one more of them is no change to who uses another."""
    if isinstance(statement, ast.Import):
        yield from (ast.Import([alias]) for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield ast.ImportFrom(statement.module, [alias], statement.level)
    else:
        yield statement


def _bound(statement: ast.stmt) -> frozenset[str] | None:
    """The names that a statement gives a meaning to, if it does nothing else."""
    match statement:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return frozenset({name})
        case ast.Import([alias]) | ast.ImportFrom(_, [alias]) if alias.name != "*":
            return frozenset({alias.asname or alias.name.partition(".")[0]})
        case ast.Assign(targets):
            return _names(targets)
        case ast.AnnAssign(target) | ast.AugAssign(target):
            return _names([target])
    return None


def _names(targets: Iterable[ast.expr]) -> frozenset[str] | None:
    found: set[str] = set()
    for target in targets:
        inner = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        for each in inner:
            if not isinstance(each, ast.Name):
                return None
            found.add(each.id)
    return frozenset(found)
