"""The bodies of generic functions, looked at once more for each type variable, as if that stood for something affine.

What is found is no error of the function: it becomes its summary (see `summaries`). Owns which functions have one, and
the fixpoint of those that call each other. How a body is judged is the business of `lower` and `solve`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from operator import is_
from typing import NamedTuple

from mypy.checker import TypeChecker
from mypy.messages import format_type_bare
from mypy.nodes import (
    CallExpr,
    Decorator,
    FuncBase,
    FuncDef,
    MemberExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    SymbolNode,
    TypeInfo,
)
from mypy.semanal import is_trivial_body
from mypy.types import CallableType, ParamSpecType, Type, TypeVarLikeType, TypeVarType, get_proper_type

from . import checkpoint, summaries
from .analysis import worded
from .bodies import functions_of, is_checked
from .callees import Callees
from .events import Into, Kind, Misuse
from .graph import Graph
from .lower import Module, lower_function
from .ownership_facts import Premises
from .promises import Promises
from .sources import is_ours
from .summaries import Summaries, Summary
from .type_shapes import names_param_spec, variable_name
from .typing_facts import Facts
from .wording import Code

__all__ = ["Judged", "await_bodies", "publish"]

_KEPT = (Code.USE_AFTER_MOVE, Code.BUDGET_COPIED, Code.MOVE_OF_BORROWED, Code.LOAN_CONFLICT)
"""The rules that keep a value from having two owners. The others are about the code that has the value."""


class Generic(NamedTuple):
    """The generic functions of a module, each with the names of its type variables."""

    tree: MypyFile
    every: list[FuncDef]
    """All functions of the module."""
    functions: list[tuple[FuncDef, list[str]]]
    lines: frozenset[int]
    """The lines that they are on. Most of a module is elsewhere."""

    @classmethod
    def of(cls, checker: TypeChecker) -> Generic:
        """Those that `checker` checks."""
        every = [
            (one.function, one.info)
            for one in functions_of(checker.tree)
            if one.function is not None and not checkpoint.is_planted_function(one.function)
        ]
        functions = [
            (function, names)
            for function, info in every
            if is_checked(function, checker.options)
            # Where nothing has a type, that is no sign of what mypy has checked.
            and not is_trivial_body(function.body)
            and (names := [variable_name(one) for one in _variables(function, info)])
        ]
        lines = frozenset(chain.from_iterable(_lines(function) for function, _ in functions))
        return cls(checker.tree, [function for function, _ in every], functions, lines)


def _lines(function: FuncDef) -> range:
    return range(function.line, (function.end_line or function.line) + 1)


@dataclass(slots=True)
class Judged:
    """What was found in bodies, for as long as it would be found again: by these types, and these summaries of others.

    A module's summaries are written several times while mypy checks it, and few of its functions change in between.
    """

    revision: int = 0
    """How often any module's summaries have changed."""
    _found: dict[str, dict[FuncDef, tuple[list[Type], Mapping[str, Summary], Summary]]] = field(default_factory=dict)
    _generic: dict[str, Generic] = field(default_factory=dict)

    def generic(self, checker: TypeChecker) -> Generic:
        """The generic functions of the module that `checker` checks."""
        module = checker.tree.fullname
        known = self._generic.get(module)
        if known is None or known.tree is not checker.tree:
            known = self._generic[module] = Generic.of(checker)
        return known

    def of(self, module: str, function: FuncDef, types: list[Type], seen: Summaries) -> Summary | None:
        """What was found in a function that mypy has given these types, and that sees these summaries."""
        known = self._found.get(module, {}).get(function)
        if known is None:
            return None
        then, answers, found = known
        is_same = len(then) == len(types) and all(map(is_, then, types))
        return found if is_same and all(seen.of(name) == answer for name, answer in answers.items()) else None

    def keep(self, module: str, function: FuncDef, types: list[Type], seen: Summaries, found: Summary) -> None:
        """Note what was found, with all that was asked for it."""
        self._found.setdefault(module, {})[function] = types, seen.answers, found

    def forget(self, module: str) -> None:
        """The module is done: its types are not to outlive its checker."""
        self._found.pop(module, None)
        self._generic.pop(module, None)


def await_bodies(checker: TypeChecker, judged: Judged) -> list[FuncBase] | None:
    """What a module's summaries have to wait for: the bodies of generic functions, which mypy checks next.

    They are a part of the module's interface, so mypy checks these bodies when all interfaces of an import cycle are
    known, and before it goes on to other bodies: earlier, what it infers in one of the modules would still be missing.
    None if there is nothing to wait for. When the module is done, the checkpoint has to let them go.
    """
    # In an update of the daemon, mypy checks all bodies of an edited module at once, before it arrives here.
    is_done = all(function.expanded for function, _ in judged.generic(checker).functions)
    if is_done or not checkpoint.is_before_bodies(checker.tree):
        return None
    if checkpoint.may_come_back(checker):
        return []
    bodies = [
        (node, info)
        for node, info in checkpoint.bodies_to_come(checker.tree)
        if any(True for function in _parts_of(node) for _ in _variables(function, info))
        and not any(function.expanded for function in _parts_of(node))
    ]
    return checkpoint.check_early(checker, bodies) if bodies else None


def _parts_of(node: SymbolNode) -> Iterator[FuncDef]:
    """The functions that are known by one name."""
    if isinstance(node, OverloadedFuncDef):
        for item in (*node.items, *([node.impl] if node.impl is not None else [])):
            yield from _parts_of(item)
    elif isinstance(node, Decorator):
        yield node.func
    elif isinstance(node, FuncDef):
        yield node


def publish(
    checker: TypeChecker,
    premises: Callable[[TypeChecker], Premises],
    judged: Judged,
    is_taken_up: Callable[[FuncDef], bool] | None = None,
) -> None:
    """Write the summaries of the module that `checker` has checked.

    Functions that mypy has no types of now (the daemon checks single functions), or that it has not taken up again,
    keep the ones they have.
    """
    tree, types = checker.tree, checker._type_maps[0]
    generic = judged.generic(checker)
    before = summaries.read(tree)
    if not generic.functions and not before:
        return
    by_line: dict[int, list[Type]] = {}
    for node, type_ in types.items():
        if node.line in generic.lines:
            by_line.setdefault(node.line, []).append(type_)
    string = checker.named_type("builtins.str")
    knowledge = _Knowledge(checker, premises(checker))
    # Functions that call each other: what one does is known once what the other does is. Summaries only grow.
    while True:
        known = Summaries(checker.modules)
        found: dict[str, Summary] = {}
        for function, names in generic.functions:
            # The parts of a property, and an overload and its implementation, share a name.
            name = function.fullname
            its = [type_ for line in _lines(function) for type_ in by_line.get(line, ())]
            if not its or (is_taken_up is not None and not is_taken_up(function)):
                its_own = before.get(name, ())
            else:
                seen = known.seen_by(name)
                misuses = judged.of(tree.fullname, function, its, seen)
                if misuses is None:
                    misuses = tuple(_misuses(checker, knowledge, function, names, its, seen))
                    judged.keep(tree.fullname, function, its, seen, misuses)
                its_own = misuses
            # What an overload has kept may be in there already, from a part that mypy has checked.
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *its_own)))
        if not summaries.write(tree, found, string):
            return
        judged.revision += 1


def _variables(function: FuncDef, info: TypeInfo | None) -> Iterator[TypeVarLikeType]:
    """The type variables that stand for some type in the body of a function: its own, and those of its class.

    And of what it gives: a function that makes a decorator, `retry(times=3)`, has that one's parameters only there.
    """
    signature = function.type
    if not isinstance(signature, CallableType):
        return
    given = get_proper_type(signature.ret_type)
    of_given = given.variables if isinstance(given, CallableType) else ()
    of_class = info.defn.type_vars if info is not None else ()
    yield from (one for one in (*signature.variables, *of_given, *of_class) if isinstance(one, ParamSpecType))
    for variable in (*signature.variables, *of_class):
        # With values, mypy checks the body once for each of them; and `Self` stands for the class itself.
        if isinstance(variable, TypeVarType) and not variable.values and not variable.id.is_self():
            yield variable


class _Knowledge:
    """What is known of types if a type variable alone stands for something affine, for the variables of a module."""

    def __init__(self, checker: TypeChecker, premises: Premises) -> None:
        self._options = checker.options
        self._premises = premises
        self._of: dict[str, tuple[Promises, Callees]] = {}
        self.is_ours = cache(partial(is_ours, checker=checker))

    def of(self, variable: str) -> tuple[Promises, Callees]:
        """What is known if it is the variable of this name."""
        known = self._of.get(variable)
        if known is None:
            facts = Facts(self._premises._replace(assumed=frozenset({variable})))
            promises = Promises(facts, partial(format_type_bare, options=self._options))
            known = self._of[variable] = promises, Callees(facts)
        return known


_CALLED_WITH = frozenset({Into.CLOSURE, Into.PARAMETER})


def _calls_alone(graphs: Iterable[Graph]) -> None:
    """Of what is done with `*args`, leave the calls with it. A log of it, or a key, gives nobody what is in it."""
    for block in (block for graph in graphs for block in graph.blocks):
        block.events = [
            event
            for event in block.events
            if event.kind is not Kind.LOOK
            and (event.kind is not Kind.MOVE or event.to is None or event.to.into in _CALLED_WITH)
        ]


def _misuses(
    checker: TypeChecker,
    knowledge: _Knowledge,
    function: FuncDef,
    variables: list[str],
    its: list[Type],
    seen: Summaries,
) -> Iterator[Misuse]:
    """What a function does that is wrong if one of its type variables alone stands for something affine.

    `its`: the types of the expressions in it.
    """
    types, module_name = checker._type_maps[0], checker.tree.fullname
    has_receiver = function.info and function.arguments and not function.is_static
    receiver = function.arguments[0].variable.name if has_receiver else None
    for variable in variables:
        promises, callees = knowledge.of(variable)
        facts = promises.facts
        if not (promises.concerns.mattering(its) or seen.methods(its)):
            continue
        shared = Module(
            module_name,
            types,
            facts,
            callees,
            checker.options.check_untyped_defs,
            knowledge.is_ours,
            promises,
            summaries=seen,
        )
        graphs = lower_function(shared, function, function.name)
        if names_param_spec(variable):
            _calls_alone(graphs)
        for finding, message in worded(graphs, types, facts, checker.options):
            inner = finding.event.about
            if isinstance(inner, Misuse):
                own = inner.of_receiver and _is_call_of(receiver, finding.event.node)
                module = inner.module or module_name
                yield Misuse(variable, inner.line, inner.text, inner.function, module, of_receiver=own)
            elif message.code in _KEPT:
                event = finding.event
                lends = event.to is not None and event.to.into is Into.RETURN and message.code is Code.MOVE_OF_BORROWED
                own = finding.place == receiver
                yield Misuse(variable, event.node.line, message.text, function.fullname, module_name, lends, own)


def _is_call_of(receiver: str | None, node: object) -> bool:
    """Whether a method is called on what a function knows as its own object."""
    callee = node.callee if isinstance(node, CallExpr) else None
    return isinstance(callee, MemberExpr) and isinstance(callee.expr, NameExpr) and callee.expr.name == receiver
