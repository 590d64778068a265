"""What the body of a function says of the objects that it makes: which parameters come into which of their fields.

Reads what is returned, and what a constructor puts into the fields of its object; and which function a call calls, with
what. All before mypy has checked the body, so that types are known of parameters only. What other functions make, and
what is kept of it, is the business of `factories`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import (
    ArgKind,
    AssignmentExpr,
    AssignmentStmt,
    AwaitExpr,
    CallExpr,
    DictionaryComprehension,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncDef,
    GeneratorExpr,
    IndexExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    ReturnStmt,
    StarExpr,
    Statement,
    TypeInfo,
    Var,
    WhileStmt,
)
from mypy.types import CallableType, Type

from ..bodies import blocks_of
from ..events import Times
from ..knowledge import CONSTRUCTORS
from ..knowledge.containers import Does
from ..type_shapes import classes_of, function_of
from ..typing_facts import Facts
from .places import Path
from .syntax import COMPREHENSIONS, DISPLAYS, branches, elements_of

if TYPE_CHECKING:
    from .factories import Factories

__all__ = ["FILLING", "ITSELF", "Made", "Reader", "target"]

FILLING: Final = ("__init__", "__post_init__")
"""The methods that give a new object its fields."""

ITSELF: Final = ""
"""The parameter by which a constructor has its object."""

_PUTTING: Final = frozenset({"append", "appendleft", "add"})
"""Methods that put what they are given into a collection."""


class Made(NamedTuple):
    """That what a function gives has something of a parameter: at the end of `into` it has what that has at `path`."""

    into: Path | None
    """The way from the object; an empty one if it is the very object. None: some field that is of its type."""
    parameter: str
    path: Path = ()
    times: Times | None = None
    """Of a collection: how often it has that among its elements."""


class Target(NamedTuple):
    """A function that is called, and what it is given, by the names of its parameters."""

    function: FuncDef
    given: Mapping[str, Expression]


class Reader:
    """Reads one function, which gives something of this type: an object with fields for loans, or a collection."""

    def __init__(self, function: FuncDef, given: Type | None, factories: Factories, facts: Facts) -> None:
        self._function = function
        self._fields = list(dict.fromkeys(field.path[0] for field in facts.fields_for_loans(given)))
        """Those of an object."""
        self._factories = factories
        self._facts = facts
        self._parameters = {
            argument.variable
            for argument in function.arguments
            if not argument.kind.is_star() and not self._is_taken(function, argument.variable)
        }
        self._returned: list[Expression] = []
        self._values: dict[Var, list[Expression]] = {}
        """What each variable is given."""
        self._elements: dict[Var, list[tuple[Expression, Times]]] = {}
        """What is put into each variable: once, or as often as a loop goes round."""
        self._stored: list[tuple[MemberExpr, Expression]] = []
        """What is put into attributes."""
        self._collect(function.body.body, Times.ONCE)

    def found(self) -> Sequence[Made]:
        """What the function gives."""
        of = self._of if self._fields else self._elements_of
        return list(dict.fromkeys(one for value in self._returned for one in of(value, frozenset())))

    def filled(self) -> Sequence[Made]:
        """What a constructor puts into fields of its object, but for those that another method gives a new value."""
        if not self._function.arguments:
            return []
        itself, info = self._function.arguments[0].variable, self._function.info
        others = [each for name, each in info.names.items() if name not in FILLING]
        given_later = {name for each in others for name in _attributes_assigned(function_of(each.node))}
        found: dict[Made, None] = {}
        for target_, value in self._stored:
            if isinstance(target_.expr, NameExpr) and target_.expr.node is itself and target_.name not in given_later:
                for one in self._of(value, frozenset()):
                    into = (target_.name, *one.into) if one.into is not None else None
                    parameter = ITSELF if one.parameter == itself.name else one.parameter
                    found[one._replace(into=into, parameter=parameter)] = None
        return list(found)

    def _is_taken(self, function: FuncDef, variable: Var) -> bool:
        """Whether a parameter takes its argument: what comes of that is the function's own."""
        is_receiver = function.info and not function.is_static and variable is function.arguments[0].variable
        return not is_receiver and self._facts.is_affine(variable.type) and not self._facts.is_lent(variable.type)

    def _collect(self, statements: Sequence[Statement], times: Times) -> None:
        for node in statements:
            if isinstance(node, ReturnStmt):
                self._returned += [node.expr] if node.expr is not None else []
            elif isinstance(node, AssignmentStmt):
                for each in node.lvalues:
                    if isinstance(each, NameExpr) and isinstance(each.node, Var):
                        self._values.setdefault(each.node, []).append(node.rvalue)
                    elif isinstance(each, IndexExpr):
                        self._put_into(each.base, node.rvalue, times)
                    elif isinstance(each, MemberExpr):
                        self._stored.append((each, node.rvalue))
            elif isinstance(node, ExpressionStmt):
                call = node.expr
                method = call.callee if isinstance(call, CallExpr) and len(call.args) == 1 else None
                if isinstance(call, CallExpr) and isinstance(method, MemberExpr) and method.name in _PUTTING:
                    self._put_into(method.expr, call.args[0], times)
            else:
                inside = Times.OFTEN if isinstance(node, (ForStmt, WhileStmt)) else times
                for block in blocks_of(node):
                    self._collect(block.body, inside)

    def _put_into(self, collection: Expression, element: Expression, times: Times) -> None:
        if isinstance(collection, NameExpr) and isinstance(collection.node, Var):
            self._elements.setdefault(collection.node, []).append((element, times))

    def _of(self, node: Expression, seen: frozenset[Var]) -> Iterator[Made]:
        """What an expression has of the parameters. `seen`: variables whose values it is one of."""
        if isinstance(node, NameExpr) and isinstance(node.node, Var):
            if node.node in self._parameters:
                yield Made((), node.node.name)
            if node.node not in seen:
                for value in self._values.get(node.node, ()):
                    yield from self._of(value, seen | {node.node})
        elif isinstance(node, MemberExpr):
            yield from self._of_attribute(node, seen)
        elif isinstance(node, CallExpr):
            yield from self._of_call(node, seen)
        else:
            for part in _parts(node):
                yield from self._of(part, seen)

    def _elements_of(self, node: Expression, seen: frozenset[Var]) -> Iterator[Made]:
        """What a collection has of the parameters among its elements."""
        found: dict[Made, Times] = {}
        for one in self._among(node, seen):
            assert one.times is not None
            once = one._replace(times=None)
            found[once] = max(one.times, Times.OFTEN) if once in found else one.times
        for once, times in found.items():
            yield once._replace(times=times)

    def _among(self, node: Expression, seen: frozenset[Var]) -> Iterator[Made]:
        if isinstance(node, COMPREHENSIONS):
            node = node.generator
        if isinstance(node, (GeneratorExpr, DictionaryComprehension)):
            # What the loops bind is no parameter, and may be another one in each round.
            element = node.left_expr if isinstance(node, GeneratorExpr) else node.value
            yield from self._element(element, seen, Times.OFTEN)
        elif isinstance(node, OpExpr) and node.op in ("+", "*"):
            for one in (*self._among(node.left, seen), *self._among(node.right, seen)):
                yield one._replace(times=Times.OFTEN) if node.op == "*" else one
        elif isinstance(node, NameExpr) and isinstance(node.node, Var):
            if node.node not in seen:
                seen = seen | {node.node}
                for value in self._values.get(node.node, ()):
                    yield from self._among(value, seen)
                for element, times in self._elements.get(node.node, ()):
                    yield from self._element(element, seen, times)
        elif isinstance(node, CallExpr):
            called = target(node, self._classes)
            for one in self._of_function(called, seen) if called is not None else ():
                if one.times is not None:
                    yield one
        elif isinstance(node, DISPLAYS):
            for item in elements_of(node):
                if isinstance(item, StarExpr):
                    yield from self._among(item.expr, seen)
                else:
                    yield from self._element(item, seen, Times.ONCE)
        else:
            for part in _parts(node):
                yield from self._among(part, seen)

    def _element(self, node: Expression, seen: frozenset[Var], times: Times) -> Iterator[Made]:
        for one in self._of(node, seen):
            yield Made((), one.parameter, one.path, times)

    def _of_attribute(self, node: MemberExpr, seen: frozenset[Var]) -> Iterator[Made]:
        asked = target(node, self._classes)
        if asked is not None:
            yield from self._of_function(asked, seen)
            return
        for one in self._of(node.expr, seen):
            if one.into == ():
                yield one._replace(path=(*one.path, node.name))
            elif one.into is not None and one.into[0] == node.name:
                yield one._replace(into=one.into[1:])

    def _of_call(self, node: CallExpr, seen: frozenset[Var]) -> Iterator[Made]:
        info = self._constructed(node.callee)
        if info is not None:
            for name, argument in _given_to_constructor(node, info):
                yield from self._in_field(info, name, argument, seen)
        elif isinstance(node.callee, RefExpr) and node.args and self._copies(node.callee):
            named = dict(zip(node.arg_names, node.args, strict=True))
            for one in self._of(node.args[0], seen):
                ways = [(name,) for name in self._fields] if one.into == () else [one.into or ()]
                for way in ways:
                    if way and way[0] not in named:
                        yield Made(way, one.parameter, one.path if one.into else (*one.path, *way))
            for name in self._fields:
                for one in self._of(named[name], seen) if name in named else ():
                    yield one._replace(into=(name, *one.into) if one.into is not None else None)
        else:
            called = target(node, self._classes)
            yield from self._of_function(called, seen) if called is not None else ()

    def _in_field(self, info: TypeInfo, name: str, argument: Expression, seen: frozenset[Var]) -> Iterator[Made]:
        """What a new object has by the parameter of this name of its constructor."""
        symbol = info.get(name)
        is_field = symbol is not None and isinstance(symbol.node, Var)
        filled = [its for its in self._factories.by_constructor(info) if its.parameter == name and not is_field]
        for one in self._of(argument, seen):
            if filled:
                yield from (made for its in filled for made in _through(its, one))
            elif one.into is not None and (is_field or not one.into):
                yield one._replace(into=(name, *one.into) if is_field else None)

    def _of_function(self, called: Target, seen: frozenset[Var]) -> Iterator[Made]:
        for its in self._factories.of(called.function):
            if its.parameter in called.given:
                for one in self._of(called.given[its.parameter], seen):
                    for made in _through(its, one):
                        yield made._replace(times=its.times)

    def _constructed(self, callee: Expression) -> TypeInfo | None:
        """The class that a call makes an object of; in a class method `cls(...)` as well."""
        if not isinstance(callee, RefExpr):
            return None
        function = self._function
        if function.is_class and function.arguments and callee.node is function.arguments[0].variable:
            return function.info
        return callee.node if isinstance(callee.node, TypeInfo) else None

    def _copies(self, callee: RefExpr) -> bool:
        """`replace(deps, topic="limits")`"""
        return self._facts.handling.functions.get(callee.fullname) == (Does.SHARE, Does.TAKE)

    def _classes(self, node: Expression) -> Sequence[TypeInfo]:
        """The classes of a parameter."""
        variable = node.node if isinstance(node, NameExpr) else None
        if not isinstance(variable, Var) or variable not in self._parameters:
            return ()
        if variable is self._function.arguments[0].variable and self._function.info:
            return (self._function.info,)
        return classes_of(variable.type)


def _attributes_assigned(function: FuncDef | None) -> Iterator[str]:
    """The attributes, of whatever, that a function gives new values."""
    pending: list[Statement] = [*function.body.body] if function is not None else []
    while pending:
        node = pending.pop()
        targets: list[Expression] = list(node.lvalues) if isinstance(node, AssignmentStmt) else []
        while targets:
            each = targets.pop()
            if isinstance(each, MemberExpr):
                yield each.name
            targets += elements_of(each)
        pending += [inner for block in blocks_of(node) for inner in block.body]


def _parts(node: Expression) -> list[Expression]:
    """The expressions of which one gives the value of another one."""
    if isinstance(node, AssignmentExpr):
        return [node.value]
    return [node.expr] if isinstance(node, AwaitExpr) else branches(node)


def _through(its: Made, one: Made) -> Iterator[Made]:
    """What a function gives, by what it makes of its argument, `its`, and what that has, `one`."""
    if its.into is None or one.into is None:
        if one.into == () or (its.into == () == its.path):
            yield Made(None, one.parameter, (*one.path, *its.path))
    elif its.path[: len(one.into)] == one.into:
        yield Made(its.into, one.parameter, (*one.path, *its.path[len(one.into) :]))
    elif one.into[: len(its.path)] == its.path:
        yield Made((*its.into, *one.into[len(its.path) :]), one.parameter, one.path)


# Calls


def target(node: CallExpr | MemberExpr, classes: Callable[[Expression], Sequence[TypeInfo]]) -> Target | None:
    """The function that a call calls, or that an attribute is a property of. `classes`: those of a value."""
    callee = node.callee if isinstance(node, CallExpr) else node
    function = function_of(callee.node) if isinstance(callee, RefExpr) else None
    receiver: Expression | None = None
    if function is None and isinstance(callee, MemberExpr):
        its_class = callee.expr.node if isinstance(callee.expr, RefExpr) else None
        infos = [its_class] if isinstance(its_class, TypeInfo) else classes(callee.expr)
        symbols = (info.get(callee.name) for info in infos)
        function = next((one for each in symbols if each is not None and (one := function_of(each.node))), None)
        receiver = callee.expr if not isinstance(its_class, TypeInfo) else None
    if function is None or isinstance(node, CallExpr) is function.is_property:
        return None
    # mypy's cache has no more of a function than that.
    parameters = [(name or "", kind) for name, kind in zip(function.arg_names, function.arg_kinds, strict=True)]
    given: dict[str, Expression] = {}
    if parameters and function.is_class:
        del parameters[0]
    elif parameters and receiver is not None and not function.is_static:
        given[parameters.pop(0)[0]] = receiver
    if isinstance(node, CallExpr):
        given.update(_matched(node, parameters))
    return Target(function, given)


def _given_to_constructor(node: CallExpr, info: TypeInfo) -> Iterator[tuple[str, Expression]]:
    for name in CONSTRUCTORS:
        symbol = info.get(name)
        signature = symbol.type if symbol is not None else None
        if isinstance(signature, CallableType) and symbol is not None and not _is_of_object(symbol.node):
            formals = zip(signature.arg_names[1:], signature.arg_kinds[1:], strict=True)
            return _matched(node, [(formal or "", kind) for formal, kind in formals])
    return _matched(node, [])


def _is_of_object(node: object) -> bool:
    return isinstance(node, FuncDef) and node.info.fullname == "builtins.object"


def _matched(node: CallExpr, parameters: Sequence[tuple[str, ArgKind]]) -> Iterator[tuple[str, Expression]]:
    """The arguments of a call, each with the name of the parameter that it goes to, as far as they are written out."""
    in_order = [name for name, kind in parameters if kind.is_positional()]
    for position, (argument, kind, name) in enumerate(zip(node.args, node.arg_kinds, node.arg_names, strict=True)):
        if kind.is_star():
            return
        if name is not None:
            yield name, argument
        elif position < len(in_order):
            yield in_order[position], argument
