"""Names of a namespace that are imported on first use, so that importing it is instant."""

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any


def on_first_use(
    namespace: str, names: Mapping[str, str], modules: Collection[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a module or package (PEP 562).

    Args:
        namespace: the module's ``__name__``.
        names: module → what it defines and the namespace offers, separated by spaces.
        modules: its own submodules that it offers.
    """
    places = {name: module for module, offered in names.items() for name in offered.split()}

    def find(name: str) -> Any:
        if name in modules:
            return import_module(f"{namespace}.{name}")
        if name not in places:
            raise AttributeError(f"module {namespace!r} has no attribute {name!r}")
        found = getattr(import_module(places[name]), name)
        setattr(sys.modules[namespace], name, found)
        return found

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[namespace]), *places, *modules})

    return find, listed
