"""What makes the checkpoint of a module run again, in mypy's daemon.

After an edit the daemon checks again what depends on the change, function by function, and nothing else. Two things
have to hold there: whenever any function of a module is checked again, so is the module's checkpoint; and what we read
off other modules makes the daemon check again what we found with it. Owns what mypy is told of this; knows nothing of
budgets.

mypy takes up what a module's tree says of them when it has checked the whole of the module, and not when it has checked
single functions again: what comes up only then, it has to learn by another way, see `_record`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from operator import is_
from typing import Final

from mypy.checker import TypeChecker
from mypy.nodes import (
    Block,
    ClassDef,
    FuncDef,
    MypyFile,
    SymbolTable,
    TypeInfo,
)
from mypy.server.deps import get_dependencies, get_dependencies_of_target
from mypy.server.trigger import make_trigger, make_wildcard_trigger
from mypy.typestate import type_state

from . import checkpoint, hidden
from .fullnames import OWNERSHIP
from .reach import imported

__all__ = ["Dependencies", "forget_superseded"]

_SUPERSEDED: Final = "-redefinition"
"""What a name has in it, and no name of a program, that something in a class had before something else took it."""


class Dependencies:
    """Those of one module, since its file was read."""

    def __init__(self) -> None:
        self.is_read = False
        """Whether mypy has checked the whole module, and taken up what its tree says."""
        self._told_once: set[str] = set()
        """What mypy has been told that follows from the file's text alone."""
        self._told: dict[str, set[str]] = {}
        """By trigger: what mypy checks again when it fires. Never changed in place: most are the same set."""

    def take_over(self, tree: MypyFile, earlier: Dependencies) -> None:
        """Those of the same module before its file was read again: what was found with them stands. mypy has them."""
        mine, self._told = self._told, earlier._told
        for trigger, told in mine.items():
            self._add(tree, trigger, told)

    def as_whole(self, checker: TypeChecker) -> None:
        """Whatever makes mypy check anything of the module again makes it check the checkpoint again, too."""
        its = get_dependencies(
            checker.tree, checker._type_maps[0], checker.options.python_version, options=checker.options
        )
        self._as(checker.tree, its)

    def as_function(self, checker: TypeChecker, function: FuncDef | None) -> bool:
        """The same for one function that was checked again; and whether it is known. None is the module's own body."""
        tree = checker.tree
        try:
            its = get_dependencies_of_target(
                tree.fullname, tree, function or tree, checker._type_maps[0], checker.options.python_version
            )
        except AssertionError:
            # mypy has yet to find the type of a variable of the function, and will come back to it, and so do we.
            return False
        self._as(tree, its)
        return True

    def on_fields(self, tree: MypyFile, classes: Iterable[TypeInfo]) -> None:
        """The checkpoint is checked again when one of `classes` gets or loses a field."""
        again = {checkpoint.target(tree)}
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
        if not self._is_news("imports"):
            return
        tree = checker.tree
        again = _all_of(tree, functions)
        there = _with_variables(tree, checker.modules)
        for variable in variables:
            own = _changed(tree.fullname, variable)
            self._add(tree, own, again)
            chain = {own}
            for module in there:
                self._add(tree, _changed(module, variable), chain)

    def on_names(self, tree: MypyFile, names: Iterable[str], variable: str) -> None:
        """As if this hidden variable of the module had changed when one of `names` comes to mean something else."""
        own = {_changed(tree.fullname, variable)}
        for name in names:
            self._on_name(tree, name, own)

    def on_ours(self, checker: TypeChecker, functions: Iterable[FuncDef], variable: str) -> None:
        """The checkpoint is checked again when there comes to be a module of ours, or an import comes to lead to one.

        It says then in the hidden variable of this name whether the module does so, too, and if that changes, the whole
        module is checked again: by now, nobody has looked at it.
        """
        if not self._is_news("ours"):
            return
        tree = checker.tree
        again = {checkpoint.target(tree)}
        self._on_name(tree, OWNERSHIP, again)
        for module in _with_variables(tree, checker.modules):
            self._add(tree, _changed(module, variable), again)
        self._add(tree, _changed(tree.fullname, variable), _all_of(tree, functions))

    def _is_news(self, what: str) -> bool:
        is_news = what not in self._told_once
        self._told_once.add(what)
        return is_news

    def _on_name(self, tree: MypyFile, name: str, again: set[str]) -> None:
        for part in (name, name.rpartition(".")[0]):
            self._add(tree, make_trigger(part), again)

    def _as(self, tree: MypyFile, its: dict[str, set[str]]) -> None:
        again = {checkpoint.target(tree)}
        for trigger, targets in its.items():
            # From trigger to trigger, it is mypy that follows.
            if any(not target.startswith("<") for target in targets):
                self._add(tree, trigger, again)

    def _add(self, tree: MypyFile, trigger: str, again: set[str]) -> None:
        # Modules depend on the same things, and mypy makes the name anew for each.
        trigger = sys.intern(trigger)
        told = self._told.get(trigger)
        if told is not None and again <= told:
            return
        told = self._told[trigger] = again if told is None else told | again
        if self.is_read:
            _record(trigger, again)
        # Other plugins have theirs there.
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


def _all_of(tree: MypyFile, functions: Iterable[FuncDef]) -> set[str]:
    return {tree.fullname, checkpoint.target(tree), *(function.fullname for function in functions)}


@lru_cache(maxsize=10_000)
def _changed(module: str, variable: str) -> str:
    """The trigger of a module's hidden variable."""
    return make_trigger(hidden.symbol_name(module, variable))


def _with_variables(tree: MypyFile, modules: Mapping[str, MypyFile]) -> list[str]:
    """The names of all modules that a module may import, or may come to import, of those that have such variables."""
    return [module for module in imported(tree, modules) if module not in modules or not modules[module].is_stub]
