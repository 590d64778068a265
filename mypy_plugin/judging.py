"""What happens with a module when mypy arrives at its gate and at its checkpoint.

At the gate its summaries are written, while its interface is being checked; at the checkpoint its findings are
reported. Owns what is kept from one module to the next. Where mypy arrives is the business of `checkpoint`; what is
found, that of `analysis` and `generic_bodies`; what the daemon keeps from one check to the next, that of `memory`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from mypy.checker import TypeChecker
from mypy.messages import format_type_bare
from mypy.nodes import FuncBase, FuncDef, SymbolTableNode, TypeInfo
from mypy.options import Options

from . import checkpoint, generic_bodies, hidden, marks, summaries
from .analysis import check_module
from .bodies import functions_of, is_checked
from .config import Config
from .dependencies import forget_superseded
from .handling import Added, Handling
from .knowledge.containers import Does
from .lower import factories
from .memory import Memory
from .ownership_facts import Premises, affine_info
from .promises import Promises
from .reach import Reach, brings_modules
from .reporting import report_failure
from .sources import imports_package
from .typing_facts import Facts

__all__ = ["Judging"]

_REACH: Final = "reach"
"""The hidden variable of a module in which is said whether it imports our package, directly or not."""


class Judging:
    """Of one run of mypy, or of one daemon.

    `named`: the configured classes, by the names that source text defines them under. `lookup`: mypy's, by full name.
    `is_about_budgets`: whether any module of the run can hold an affine value.
    """

    def __init__(
        self,
        config: Config,
        named: frozenset[str],
        options: Options,
        lookup: Callable[[str], SymbolTableNode | None],
        is_about_budgets: Callable[[], bool],
    ) -> None:
        self._config = config
        self._named = named
        self._options = options
        self._lookup = lookup
        self._is_about_budgets = is_about_budgets
        self._settling: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module whose checkpoint will run again, what was known the last time: as `_at_gate`."""
        self._memory = Memory()
        """In the daemon, what is not to be lost when only some functions of a module are checked again."""
        self._judged = generic_bodies.Judged()
        """What was found in the bodies of generic functions."""
        self._judged_for: TypeChecker | None = None
        """In the daemon, the checker of the module that this is about."""
        self._has_looked_away = False
        """In the daemon, whether there is a module that nobody looked at, since no value in it could be affine."""
        self._reach = Reach()
        """Which modules import our package; in the daemon, until a file is read."""
        self._at_gate: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module, what was known when its gate was last passed: its checker, types and the revision."""
        self._early: dict[str, list[FuncBase]] = {}
        """For each module, the functions that mypy checks with its interface for our sake."""
        self._published: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module whose summaries were written: from what."""
        self._handled = Handling()
        """What `_handling` gave the last time."""
        self._known: Promises | None = None
        """What `_knowledge` gave the last time."""

    def is_affine(self, info: TypeInfo) -> bool:
        """Whether a class is affine, or a part of it is."""
        return affine_info(info, self._listed())

    def forget(self, module: str) -> None:
        """The module's file was read: nothing that was found in the old one can stand by itself."""
        self._memory.read(module)
        if self._options.fine_grained_incremental:
            # mypy comes to a file when it is done with all before it. What a checker knows is not to outlive it.
            self._let_checkers_go()

    def at_gate(self, checker: TypeChecker) -> None:
        """Write the module's summaries while its interface is being checked; again until nothing changes them."""
        checkpoint.cancel_gate(checker)
        if not checkpoint.is_wanted(checker.tree, checker.options, checker.errors) or checkpoint.is_until_done(checker):
            return
        awaited = generic_bodies.await_bodies(checker, self._judged_in(checker))
        if awaited is not None:
            self._early.setdefault(checker.tree.fullname, []).extend(awaited)
            checkpoint.defer_gate(checker)
            return
        self._publish(checker)
        now = self._state_of(checker)
        if now != self._at_gate.get(checker.tree.fullname):
            self._at_gate[checker.tree.fullname] = now
            checkpoint.defer_gate(checker)

    def _let_checkers_go(self) -> None:
        for known in (self._settling, self._at_gate, self._published):
            known.clear()
        self._reach = Reach()
        if self._judged_for is not None:
            self._judged.forget(self._judged_for.tree.fullname)
            self._judged_for = None

    def _publish(self, checker: TypeChecker) -> None:
        module, in_daemon = checker.tree.fullname, checker.options.fine_grained_incremental
        if self._published.get(module) == self._state_of(checker):
            # Nothing is known now that was not known the last time.
            return
        try:
            judged = self._judged_in(checker)
            known = self._memory.of(module) if checkpoint.is_until_done(checker) else None
            taken_up = known.is_taken_up if known is not None else None
            generic_bodies.publish(checker, self._premises, judged, taken_up)
            # Not by what is known of types already: mypy may have yet to find some.
            facts = Facts(Premises(self._listed(), self._handling())) if self._is_concerned(checker) else None
            string = checker.named_type("builtins.str")
            factories.write(checker.tree, facts, checker.modules, string)
            if in_daemon:
                marks.write(checker.tree, self._knowledge().facts, string)
                dependencies = self._memory.of(module).dependencies
                told = (marks.NAME, summaries.NAME, factories.NAME)
                dependencies.on_imports(checker, judged.generic(checker).every, told)
                # Names from elsewhere may come to mean something else.
                moved = (name for name in self._config.names() if self._defined(name) != name)
                dependencies.on_names(checker.tree, moved, marks.NAME)
                if not self._is_concerned(checker):
                    self._has_looked_away = True
                    dependencies.on_ours(checker, judged.generic(checker).every, _REACH)
                if self._has_looked_away:
                    is_seen = self._reach.is_ours_seen(module, checker)
                    hidden.write(checker.tree, _REACH, "ours" if is_seen else None, string)
        except Exception as error:
            report_failure(checker, error)
        self._published[module] = self._state_of(checker)

    def _judged_in(self, checker: TypeChecker) -> generic_bodies.Judged:
        """What is known of generic functions; in the daemon, where what they use may change, those of one module."""
        if not checker.options.fine_grained_incremental:
            return self._judged
        if self._judged_for is not checker:
            self._judged_for, self._judged = checker, generic_bodies.Judged(self._judged.revision)
        return self._judged

    def _state_of(self, checker: TypeChecker) -> tuple[TypeChecker, int, int]:
        """What the summaries of a module follow from: its types, and all summaries so far."""
        return checker, checkpoint.types_of_program(checker), self._judged.revision

    def at_checkpoint(self, checker: TypeChecker) -> bool:
        """Analyse the module if mypy has nothing left to do in it, else come back; and say which.

        Nothing says what is still to come, so we come back until a pass has brought no new types. In an edited module
        the daemon may not come back: from its second pass on we analyse each time, and the last one counts.
        """
        if not checkpoint.is_wanted(checker.tree, checker.options, checker.errors):
            return False
        module = checker.tree.fullname
        checkpoint.let_go(self._early.pop(module, ()))
        in_daemon, is_until_done = checker.options.fine_grained_incremental, checkpoint.is_until_done(checker)
        if not is_until_done:
            self._publish(checker)
        now = self._state_of(checker)
        if in_daemon:
            forget_superseded(checker.tree)
        settled = now == self._settling.get(module) and not checkpoint.others_deferred(checker)
        if not settled:
            self._settling[module] = now
            checkpoint.defer(checker)
        if settled or (in_daemon and checker.pass_num > 0 and not is_until_done):
            if is_until_done:
                self._see_what_is_decorated(checker)
            self._publish(checker)
            self._judge(checker)
            self._published.pop(module, None)
        if settled:
            checkpoint.cancel_gate(checker)
            # What a checker knows of types is not to outlive it.
            self._settling.pop(module, None)
            self._at_gate.pop(module, None)
            self._judged.forget(module)
            self._judged_for = None
        return settled

    def _looked_at(self, checker: TypeChecker, concerned: bool) -> list[FuncDef]:
        """The functions of a module whose bodies we look at."""
        generic = self._judged_in(checker).generic(checker)
        return generic.every if concerned else [function for function, _ in generic.functions]

    def _see_what_is_decorated(self, checker: TypeChecker) -> None:
        """Where the daemon has checked a body too early: what is decorated further down had no type yet."""
        known = self._memory.of(checker.tree.fullname)
        last = max(
            (each.line for each in self._judged_in(checker).generic(checker).every if each.is_decorated), default=0
        )
        early = {
            function
            for function in self._looked_at(checker, self._is_concerned(checker))
            if function.line < last
            and checkpoint.is_with_interface(function)
            and is_checked(function, checker.options)
            and known.is_taken_up(function)
        }
        if not early:
            return
        try:
            bodies = ((each.function, each.info) for each in functions_of(checker.tree) if each.function is not None)
            checkpoint.check_quietly(checker, [body for body in bodies if body[0] in early])
        except Exception as error:
            report_failure(checker, error)

    def _is_concerned(self, checker: TypeChecker) -> bool:
        """Whether any value in the module may be affine: types come by imports, but for those that the settings name.

        In the daemon, where what a module imports may come to import us, it is enough that any module can hold one.
        """
        if not self._is_about_budgets():
            return imports_package(checker.tree)
        from_anywhere = self._config.affine or brings_modules(checker.plugin)
        if from_anywhere or checker.options.fine_grained_incremental:
            return True
        return self._reach.is_ours_seen(checker.tree.fullname, checker)

    def _premises(self, checker: TypeChecker) -> Premises:
        """What the bodies of a module's generic functions are judged by."""
        has_loans = checker.options.fine_grained_incremental or brings_modules(checker.plugin)
        has_loans = has_loans or self._reach.is_ours_seen(checker.tree.fullname, checker)
        return Premises(handling=self._handling(), has_loans=has_loans)

    def _judge(self, checker: TypeChecker) -> None:
        module = checker.tree.fullname
        may_mint = self._config.may_mint(module)
        concerned = self._is_concerned(checker)
        if not checker.options.fine_grained_incremental:
            if concerned:
                check_module(checker, self._knowledge(), may_mint)
            return
        known = self._memory.of(module)
        if concerned:
            try:
                self._memory.keep_findings(checker)
            except Exception as error:
                report_failure(checker, error)
        found = check_module(checker, self._knowledge(), may_mint, known) if concerned else {}
        known.keep(found, self._looked_at(checker, concerned))
        known.dependencies.is_read = True

    def _knowledge(self) -> Promises:
        """What is known of types. Most modules speak of the same ones; but in the daemon, classes change."""
        listed, handling = self._listed(), self._handling()
        known = self._known
        if (
            known is None
            or self._options.fine_grained_incremental
            or (known.facts.listed, known.facts.handling) != (listed, handling)
        ):
            known = self._known = Promises(
                Facts(Premises(listed, handling)), partial(format_type_bare, options=self._options)
            )
        return known

    def _listed(self) -> frozenset[str]:
        """The configured classes by the names they are defined under, those that only mypy finds included."""
        if not self._config.affine:
            return self._named
        symbols = map(self._lookup, self._config.affine)
        return self._named.union(
            symbol.node.fullname for symbol in symbols if symbol is not None and symbol.node is not None
        )

    def _handling(self) -> Handling:
        """What library code does with values, the configured names by those that they are defined under, too."""
        containers = self._config.containers
        tasks = self._config.tasks
        added = Added(
            {self._defined(name): Does(word) for word, name in containers.calls()},
            frozenset(map(self._defined, containers.conduits)),
            frozenset(map(self._defined, containers.contexts)),
            {self._defined(name): word for word, name in tasks.calls()},
            frozenset(map(self._defined, tasks.groups)),
        )
        if self._handled.added != added:
            self._handled = Handling(added)
        return self._handled

    def _defined(self, name: str) -> str:
        """The name that a class, function or method is defined under: people name re-exports."""
        owner, _, last = name.rpartition(".")
        for whole, rest in ((name, ""), (owner, f".{last}")):
            symbol = self._lookup(whole)
            node = symbol.node if symbol is not None else None
            if node is not None and (not rest or isinstance(node, TypeInfo)):
                return node.fullname + rest
        return name
