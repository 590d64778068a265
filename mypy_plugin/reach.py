"""Where types can come from: which modules a module imports, directly or through others.

Owns the search through imports. What follows from it for a module is the business of `judging` and `dependencies`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mypy.checker import TypeChecker
from mypy.nodes import Import, ImportAll, ImportBase, ImportFrom, MypyFile
from mypy.plugin import ChainedPlugin, Plugin
from mypy.util import correct_relative_import

from .fullnames import OWNERSHIP, PACKAGE
from .sources import imports_package

__all__ = ["Reach", "brings_modules", "imported"]


class Reach:
    """Which modules import our package, directly or not, as long as no file is read."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def is_ours_seen(self, module: str, checker: TypeChecker) -> bool:
        """Whether this module does, of which all is known that it imports: its checker may be that of an importer."""
        if OWNERSHIP not in checker.modules and not imports_package(checker.modules[module]):
            return False
        known = self._known.get(module)
        return known if known is not None else self._search(module, checker)

    def _search(self, module: str, checker: TypeChecker) -> bool:
        modules = checker.modules
        seen, waiting = {module}, [modules[module]]
        while waiting:
            tree = waiting.pop()
            names = imported(tree, modules)
            # From mypy's cache come no imports.
            if tree.is_cache_skeleton or PACKAGE in names or any(map(self._known.get, names)):
                self._known[module] = True
                return True
            new = {name for name in names if name in modules and name not in self._known} - seen
            seen |= new
            waiting += [modules[name] for name in new if not modules[name].is_typeshed_file(checker.options)]
        self._known.update(dict.fromkeys(seen, False))
        return False


def brings_modules(plugin: Plugin) -> bool:
    """Whether a plugin of the run, not counting ours, may let a module depend on one that it does not import."""
    plugins = plugin._plugins if isinstance(plugin, ChainedPlugin) else [plugin]
    others: list[type[Plugin]] = [type(one) for one in plugins if type(one).__module__.partition(".")[0] != __package__]
    return any(other.get_additional_deps is not Plugin.get_additional_deps for other in others)


def imported(tree: MypyFile, modules: Mapping[str, MypyFile]) -> set[str]:
    """The names of all modules that a module may import, or may come to import, with the packages around them."""
    return {
        module for node in tree.imports for name in _names_in(node, tree, modules) for module in _with_packages(name)
    }


def _names_in(node: ImportBase, tree: MypyFile, modules: Mapping[str, MypyFile]) -> list[str]:
    """What may be modules in an import of a module."""
    if isinstance(node, Import):
        return [name for name, _ in node.ids]
    assert isinstance(node, (ImportFrom, ImportAll))
    origin, _ = correct_relative_import(tree.fullname, node.relative, node.id, tree.is_package_init_file())
    if isinstance(node, ImportAll):
        return [origin]
    there = modules[origin].names if origin in modules else {}
    # What the module defines under a name is no other module.
    return [origin] + [
        f"{origin}.{name}" for name, _ in node.names if name not in there or isinstance(there[name].node, MypyFile)
    ]


def _with_packages(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]
