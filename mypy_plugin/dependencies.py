"""What makes the checkpoint of a module run again, in mypy's daemon.

After an edit the daemon checks again what depends on the change, function by function, and nothing else. Two things
have to hold there: whenever any function of a module is checked again, so is the module's checkpoint; and what we read
off other modules makes the daemon check again what we found with it. Owns what mypy is told of this; knows nothing of
budgets.

mypy takes up what a module's tree says of them when it has checked the whole of the module, and not when it has checked
single functions again: what comes up only then, it has to learn by another way, see `_record`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from operator import is_
from typing import Final

from mypy.checker import TypeChecker
from mypy.nodes import Block, ClassDef, FuncDef, Import, ImportAll, ImportFrom, MypyFile, SymbolTable, TypeInfo
from mypy.server.deps import get_dependencies, get_dependencies_of_target
from mypy.server.trigger import make_trigger, make_wildcard_trigger
from mypy.typestate import type_state
from mypy.util import correct_relative_import

from . import checkpoint, hidden

__all__ = ["Dependencies", "forget_superseded"]

_SUPERSEDED: Final = "-redefinition"
"""What a name has in it, and no name of a program, that something in a class had before something else took it."""


class Dependencies:
    """Those of one module, since its file was read."""

    def __init__(self) -> None:
        self.is_read = False
        """Whether mypy has checked the whole module, and taken up what its tree says."""
        self._imported: set[str] | None = None
        """The names of all modules that the file may import."""
        self._told: dict[str, set[str]] = {}
        """By trigger: what mypy checks again when it fires. Never changed in place: most are the same set."""

    def take_over(self, tree: MypyFile, earlier: Dependencies) -> None:
        """Those of the same module before its file was read again: what was found with them stands."""
        for trigger, told in earlier._told.items():
            self._add(tree, trigger, told)

    def as_whole(self, checker: TypeChecker) -> None:
        """Whatever makes mypy check anything of the module again makes it check the checkpoint again, too."""
        its = get_dependencies(
            checker.tree, checker._type_maps[0], checker.options.python_version, options=checker.options
        )
        self._as(checker.tree, its)

    def as_function(self, checker: TypeChecker, function: FuncDef | None) -> None:
        """The same for one function that was checked again. None is the module's own body."""
        tree = checker.tree
        try:
            its = get_dependencies_of_target(
                tree.fullname, tree, function or tree, checker._type_maps[0], checker.options.python_version
            )
        except AssertionError:
            # mypy has yet to find the type of a variable of the function, and will come back to it, and so do we.
            return
        self._as(tree, its)

    def on_fields(self, tree: MypyFile, function: FuncDef | None, classes: Iterable[TypeInfo]) -> None:
        """`function`, and the checkpoint, are checked again when one of `classes` gets or loses a field."""
        again = {(function or tree).fullname, checkpoint.target(tree)}
        for base in {base for info in classes for base in info.mro}:
            self._add(tree, make_wildcard_trigger(base.fullname), again)

    def on_members(self, tree: MypyFile, info: TypeInfo) -> None:
        """The checkpoint is checked again when a base of `info` changes a member that `info` has, too."""
        again = {checkpoint.target(tree)}
        for base in info.mro[1:]:
            for name in info.names if len(info.bases) == 1 else base.names:
                self._add(tree, make_trigger(f"{base.fullname}.{name}"), again)

    def on_imports(self, checker: TypeChecker, functions: Iterable[FuncDef], variables: Iterable[str]) -> None:
        """The whole module is checked again when one of these hidden variables changes in what it imports.

        So are the modules that import it, whether it has changed or not: types come from afar. And modules that are
        not there may come.
        """
        tree = checker.tree
        again = {tree.fullname, checkpoint.target(tree), *(function.fullname for function in functions)}
        if self._imported is None:
            self._imported = _imported(tree)
        imported = [
            module for module in self._imported if module not in checker.modules or not checker.modules[module].is_stub
        ]
        for variable in variables:
            own = make_trigger(hidden.symbol_name(tree.fullname, variable))
            self._add(tree, own, again)
            for module in imported:
                self._add(tree, make_trigger(hidden.symbol_name(module, variable)), {own})

    def on_names(self, tree: MypyFile, names: Iterable[str], variable: str) -> None:
        """As if this hidden variable of the module had changed when one of `names` comes to mean something else."""
        own = {make_trigger(hidden.symbol_name(tree.fullname, variable))}
        for name in names:
            for part in (name, name.rpartition(".")[0]):
                self._add(tree, make_trigger(part), own)

    def _as(self, tree: MypyFile, its: dict[str, set[str]]) -> None:
        again = {checkpoint.target(tree)}
        for trigger, targets in its.items():
            # From trigger to trigger, it is mypy that follows.
            if any(not target.startswith("<") for target in targets):
                self._add(tree, trigger, again)

    def _add(self, tree: MypyFile, trigger: str, again: set[str]) -> None:
        told = self._told.get(trigger)
        if told is None or not again <= told:
            if self.is_read:
                _record(trigger, again)
            told = self._told[trigger] = again if told is None else told | again
        # mypy empties it when it checks the module's own body again; and other plugins have theirs there.
        others = tree.plugin_deps.get(trigger)
        tree.plugin_deps[trigger] = told if others is None or others <= told else told | others


def forget_superseded(tree: MypyFile) -> None:
    """Take away what plugins made for the classes of a module, and have made anew since.

    Whenever mypy checks anything of a module again, it makes the methods of all dataclasses in it anew, and keeps the
    former ones under further names. So it finds each time that the class has new members, and checks again what depends
    on its members: without end, if that is in the same module, or in another one on whose dataclasses this one depends.
    """
    classes = [symbol.node for _, symbol, _ in tree.local_definitions() if isinstance(symbol.node, TypeInfo)]
    for info in classes:
        for name in [name for name in info.names if _SUPERSEDED in name and info.names[name].plugin_generated]:
            former, now = info.names[name].node, info.names.get(name.partition(_SUPERSEDED)[0])
            # It is another name for the same: mypy has merged what it made anew into what was there. If not, it needs
            # the name to take the former one out of the class's body.
            if (now is not None and now.node is former) or not any(map(partial(is_, former), info.defn.defs.body)):
                del info.names[name]


def _record(trigger: str, again: set[str]) -> None:
    """Tell mypy at once, as it tells itself when it has compared a class with a protocol.

    It then checks the protocol again when the class changes: all that it looks at are their names. It passes over names
    with "typing" or "builtins" in them.
    """
    for target in again:
        type_state.record_protocol_subtype_check(
            _named(trigger.removeprefix("<").removesuffix(">")), _named(target, is_protocol=True)
        )


def _named(fullname: str, *, is_protocol: bool = False) -> TypeInfo:
    module, _, name = fullname.rpartition(".")
    info = TypeInfo(SymbolTable(), ClassDef(name, Block([])), module)
    info._fullname = fullname
    info.is_protocol = is_protocol
    info.mro = [info]
    return info


def _imported(tree: MypyFile) -> set[str]:
    """The names of all modules that a module may import."""
    found: set[str] = set()
    for node in tree.imports:
        if isinstance(node, Import):
            names = [name for name, _ in node.ids]
        else:
            assert isinstance(node, (ImportFrom, ImportAll))
            origin, _ = correct_relative_import(tree.fullname, node.relative, node.id, tree.is_package_init_file())
            names = [origin]
            if isinstance(node, ImportFrom):
                names += [f"{origin}.{name}" for name, _ in node.names]
        for name in names:
            found.update(_with_packages(name))
    return found


def _with_packages(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]
