"""One file's source with what proposers ask of it: what stands where, what encloses it, where a name occurs.

Everything here is text and syntax: no types, no mypy. Scopes are followed as far as names are read: a nested function,
lambda or comprehension that binds the same name again is a different variable, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache, cached_property, lru_cache
from typing import TypeAlias, TypeVar, cast

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from .edits import Edit, Lines
from .mypy_errors import MypyError

__all__ = ["COMPREHENSIONS", "Comprehension", "Position", "Source", "Statement", "parsed"]

Position: TypeAlias = tuple[int, int]
Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
Comprehension: TypeAlias = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
Scope: TypeAlias = cst.FunctionDef | cst.Lambda | cst.Module

_Node = TypeVar("_Node", bound=cst.CSTNode)

_WORD = re.compile(r"\w+")
_BOM = "\ufeff"
_LAST_ON_LINE = re.compile(r"\s*,\s*(#.*)?")
"""What follows the last of several that have a line each."""
_FOR_TOOLS = re.compile(r"^(#\s*(type:|noqa\b|pragma:|pylint:|pyright:|ruff:|nosec\b|fmt:)[^#]*)+")
"""Comments that say something of the statement they end, and nothing without it."""
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_PLACES = (cst.Name, cst.Attribute, cst.Subscript)
_SUITES = (cst.IndentedBlock, cst.Module)


_BETWEEN = (
    cst.Asynchronous,
    cst.ParenthesizedWhitespace,
    cst.SimpleWhitespace,
    cst.Colon,
    cst.Comma,
    cst.Comment,
    cst.Dot,
    cst.EmptyLine,
    cst.AssignEqual,
    cst.LeftCurlyBrace,
    cst.LeftParen,
    cst.LeftSquareBracket,
    cst.Newline,
    cst.RightCurlyBrace,
    cst.RightParen,
    cst.RightSquareBracket,
    cst.Semicolon,
    cst.TrailingWhitespace,
)
"""What stands between the nodes that mean something: more than half of all that libcst makes."""

_IN_ORDER: Mapping[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Arg: ("keyword", "value"),
    cst.ClassDef: ("decorators", "name", "type_parameters", "bases", "keywords", "body"),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
    cst.FunctionDef: ("decorators", "name", "type_parameters", "params", "returns", "body"),
    cst.IfExp: ("body", "test", "orelse"),
    cst.MatchCase: ("pattern", "guard", "body"),
    cst.TypeAlias: ("name", "type_parameters", "value"),
    cst.Parameters: ("posonly_params", "posonly_ind", "params", "star_arg", "kwonly_params", "star_kwarg"),
}
"""The fields of nodes that declare them in another order than the text has them."""


class Source:
    """A file that was parsed. Raises libcst's ParserSyntaxError for what is no Python."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = Lines(text)
        # libcst would count the mark as a character of the first token.
        self._shift = 1 if text.startswith(_BOM) else 0
        self.module = cst.parse_module(text[self._shift :])
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._children: dict[cst.CSTNode, Sequence[cst.CSTNode]] = {}
        self._by_kind: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        pending: list[cst.CSTNode] = [self.module]
        while pending:
            node = pending.pop()
            self._children[node] = below = _below(node)
            self._parents.update(dict.fromkeys(below, node))
            self._by_kind.setdefault(type(node), []).append(node)
            pending.extend(reversed(below))
        self._names_of: dict[cst.CSTNode, frozenset[str]] = {}

    # Where things stand

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        """Found out by writing the whole file again, which takes long: not before somebody asks."""
        return MetadataWrapper(self.module, unsafe_skip_copy=True).resolve(PositionProvider)

    def start(self, node: cst.CSTNode) -> Position:
        """Where a node begins, without the space and the parentheses before it."""
        return self._shifted(self._positions[node].start.line, self._positions[node].start.column)

    def end(self, node: cst.CSTNode) -> Position:
        """Where a node ends."""
        return self._shifted(self._positions[node].end.line, self._positions[node].end.column)

    def _shifted(self, line: int, column: int) -> Position:
        return line, column + (self._shift if line == 1 else 0)

    def code(self, node: cst.CSTNode) -> str:
        """A node as it is written, its own parentheses left out."""
        return self.text[self.lines.offset(self.start(node)) : self.lines.offset(self.end(node))]

    def span(self, node: cst.BaseExpression) -> tuple[Position, Position]:
        """Where an expression is, its own parentheses included."""
        if not node.lpar:
            return self.start(node), self.end(node)
        return self.start(node.lpar[0]), self.end(node.rpar[-1])

    def whole(self, node: cst.BaseExpression) -> str:
        """An expression as it is written, with its own parentheses."""
        start, end = self.span(node)
        return self.text[self.lines.offset(start) : self.lines.offset(end)]

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """The edit that puts `text` where a node stands."""
        return Edit(self.path, self.start(node), self.end(node), text)

    def insert(self, position: Position, text: str) -> Edit:
        """The edit that adds `text`."""
        return Edit(self.path, position, position, text)

    def one_more(self, last: Position, text: str) -> Edit:
        """The edit that adds an argument or parameter after the last: on a line of its own if that one has one."""
        line = self.lines.line(last[0])
        if not _LAST_ON_LINE.fullmatch(line[last[1] :]):
            return self.insert(last, f", {text}")
        indent = line[: len(line) - len(line.lstrip())]
        return self.insert((last[0] + 1, 0), f"{indent}{text},{self.lines.newline}")

    def lines_before(self, statement: Statement, *codes: str) -> Edit:
        """The edit that puts statements, each on a line of its own, before another one."""
        line, column = self.start(_first_of(statement))
        indent = self.lines.line(line)[:column]
        text = "".join(f"{indent}{code}{self.lines.newline}" for code in codes)
        return self.insert((line, 0 if indent.isspace() else column), text)

    def without(self, statement: cst.SimpleStatementLine) -> Edit:
        """The edit that takes a statement out with its line; a comment on the line stays, if it is for people."""
        start, end = self.start(statement), self.end(statement)
        comment = statement.trailing_whitespace.comment
        if comment is not None and (kept := _FOR_TOOLS.sub("", comment.value)):
            line, column = self.start(comment)
            return Edit(self.path, start, (line, column + len(comment.value) - len(kept)), "")
        return Edit(self.path, (start[0], 0), (end[0] + 1, 0), "")

    # What encloses it

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around a node."""
        return self._parents.get(node)

    def children(self, node: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """The nodes right below a node, in the order of the text; without spaces, comments and punctuation."""
        return self._children.get(node, ())

    def walk(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """A node and all that is below it."""
        pending = [node]
        while pending:
            here = pending.pop()
            yield here
            pending.extend(reversed(self.children(here)))

    def all(self, *kinds: type[_Node]) -> list[_Node]:
        """All nodes of some kinds, in the order of the text."""
        found = [node for kind in kinds for node in self._by_kind.get(kind, ())]
        return cast("list[_Node]", found if len(kinds) == 1 else sorted(found, key=self.order))

    def order(self, node: cst.CSTNode) -> int:
        """A number that is smaller for what stands further up. Where a node stands takes long to find out."""
        return self._numbers[node]

    @cached_property
    def _numbers(self) -> Mapping[cst.CSTNode, int]:
        return {node: number for number, node in enumerate(self._children)}

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, from the inside out, beginning with itself."""
        here: cst.CSTNode | None = node
        while here is not None:
            yield here
            here = self.parent(here)

    def scope(self, node: cst.CSTNode) -> Scope:
        """The function that a node is evaluated in, or the module. A comprehension is part of the one around it."""
        came_from = node
        for each in self.around(node):
            if isinstance(each, cst.FunctionDef) and came_from is each.body:
                return each
            if isinstance(each, cst.Lambda) and came_from is each.body:
                return each
            came_from = each
        return self.module

    def statement(self, node: cst.CSTNode) -> Statement | None:
        """The statement of an indented block, or of the module, that a node is part of; None where it has no line."""
        for each in self.around(node):
            if isinstance(each, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return each if isinstance(self.parent(each), _SUITES) else None
        return None

    def statements_around(self, node: cst.CSTNode) -> list[Statement]:
        """The statements that a node is part of, from the inside out, up to its function."""
        scope = self.scope(node)
        found: list[Statement] = []
        for each in self.around(node):
            if each is scope:
                break
            if isinstance(each, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                found.append(each)
        return found

    # Names

    def occurrences(self, place: str, within: cst.CSTNode) -> list[cst.BaseExpression]:
        """Each expression below a node that is the variable, path or entry `place`, in the order of the text.

        What a function or comprehension below it calls by the same name is left out.
        """
        root = root_of(place)
        found: list[cst.BaseExpression] = []
        pending: list[cst.CSTNode] = [within]
        while pending:
            node = pending.pop()
            if isinstance(node, _PLACES) and place_of(node) == place:
                found.append(node)
            elif node is within or not self.binds(node, root):
                pending.extend(self._readable(node))
        return sorted(found, key=self.order)

    def mentions(self, place: str) -> list[cst.BaseExpression]:
        """Each expression of the file that is spelled as `place`, whatever variable that is."""
        return list(self._mentioned.get(place, ()))

    def as_written(self, place: str) -> str:
        """A place as the file spells it first: messages have quotes of their own for the key of an entry."""
        found = self.mentions(place) if "[" in place else []
        return self.code(found[0]) if found else place

    @cached_property
    def _mentioned(self) -> dict[str, list[cst.BaseExpression]]:
        """All variables, paths and entries of the file by how they are spelled, in the order of the text."""
        found: dict[str, list[cst.BaseExpression]] = {}
        pending: list[cst.CSTNode] = [self.module]
        while pending:
            node = pending.pop()
            if isinstance(node, _PLACES) and (place := place_of(node)) is not None:
                found.setdefault(place, []).append(node)
            pending.extend(self._readable(node))
        for nodes in found.values():
            nodes.sort(key=self.order)
        return found

    def _readable(self, node: cst.CSTNode) -> Iterable[cst.CSTNode]:
        """The children of a node in which a name may stand for a variable."""
        if isinstance(node, (cst.Attribute, cst.Arg)):
            return (node.value,)
        if isinstance(node, cst.Param):
            return (node.default,) if node.default is not None else ()
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            left_out = (node.name, getattr(node, "returns", None))
            return [child for child in self.children(node) if child not in left_out]
        if isinstance(node, (cst.Annotation, cst.Import, cst.ImportFrom, cst.Global, cst.Nonlocal)):
            return ()
        return self.children(node)

    def binds(self, node: cst.CSTNode, name: str) -> bool:
        """Whether a function, lambda or comprehension has a variable of its own of that name."""
        if isinstance(node, (cst.FunctionDef, cst.Lambda)):
            if name in {parameter.name.value for parameter in parameters(node.params)}:
                return True
            return isinstance(node, cst.FunctionDef) and name in self._assigned(node.body)
        if isinstance(node, COMPREHENSIONS):
            return any(name in names_in(level.target) for level in levels(node))
        return False

    def _assigned(self, body: cst.CSTNode) -> set[str]:
        """The names that a function gives values to in its own scope."""
        found: set[str] = set()
        outer: set[str] = set()
        pending = list(self.children(body))
        while pending:
            node = pending.pop()
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
                found.add(node.name.value)
                continue
            if isinstance(node, (cst.Nonlocal, cst.Global)):
                outer |= {item.name.value for item in node.names}
            if isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For)):
                found |= names_in(node.target)
            elif isinstance(node, cst.AsName):
                found |= names_in(node.name)
            if not isinstance(node, (cst.Lambda, *COMPREHENSIONS)):
                pending.extend(self.children(node))
        return found - outer

    def given_once(self, name: cst.BaseExpression) -> cst.Assign | None:
        """The statement `name = value` of the same function, if nothing else gives the variable a value."""
        scope = self.scope(name)
        if (
            not isinstance(name, cst.Name)
            or not isinstance(scope, cst.FunctionDef)
            or not self.binds(scope, name.value)
        ):
            return None
        stored = [node for node in self.occurrences(name.value, scope) if self.stored(node)]
        target = self.parent(stored[0]) if len(stored) == 1 else None
        assign = self.parent(target) if isinstance(target, cst.AssignTarget) else None
        is_parameter = name.value in {each.name.value for each in parameters(scope.params)}
        return assign if not is_parameter and isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None

    def stored(self, node: cst.CSTNode) -> bool:
        """Whether an occurrence of a name is given a value, or deleted, there."""
        child = node
        for each in self.around(node):
            if each is node:
                continue
            if isinstance(each, (cst.AssignTarget, cst.Del, cst.AsName)):
                return True
            if isinstance(each, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor)):
                return child is each.target
            if not isinstance(each, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
                return False
            child = each
        return False

    def find(self, error: MypyError, place: str) -> cst.BaseExpression | None:
        """The occurrence of `place` that an error is reported at."""
        here = [node for node in self.mentions(place) if self.start(node)[0] == error.line]
        exact = [node for node in here if error.column in self._columns(node)]
        if exact:
            return exact[0]
        return here[0] if len(here) == 1 else None

    def _columns(self, node: cst.CSTNode) -> set[int]:
        """Where mypy may say that a node begins: it counts characters, or bytes, or takes one for the other."""
        line, column = self.start(node)
        before, whole = self.lines.line(line)[:column], self.lines.line(line).encode("utf-8", "replace")
        return {column, len(before.encode("utf-8", "replace")), len(whole[:column].decode("utf-8", "ignore"))}

    def fresh(self, scope: cst.CSTNode, *wanted: str) -> str:
        """The first of the names that means nothing in a function, or the module; else the last, with a number."""
        numbered = (f"{wanted[-1]}_{number}" for number in range(2, 1_000))
        return next(name for name in [*wanted, *numbered] if self.is_free(name, scope))

    def is_free(self, name: str, scope: cst.CSTNode | None = None) -> bool:
        """Whether a name means nothing in a function, or the module, yet."""
        return name not in self._names(self.module if scope is None else scope)

    def _names(self, scope: cst.CSTNode) -> frozenset[str]:
        if scope not in self._names_of:
            named = self.all(cst.Name) if scope is self.module else self.walk(scope)
            self._names_of[scope] = frozenset(
                node.value for node in named if isinstance(node, cst.Name) and not self._is_of_another(node)
            )
        return self._names_of[scope]

    def _is_of_another(self, name: cst.Name) -> bool:
        """Whether a name is that of an attribute or of a keyword, and stands for no variable."""
        around = self.parent(name)
        if isinstance(around, cst.Attribute):
            return around.attr is name
        return isinstance(around, cst.Arg) and around.keyword is name

    # Definitions

    def functions(self, name: str) -> list[cst.FunctionDef]:
        """The functions and methods of that name; for the name of a class, what makes its objects."""
        found: list[cst.FunctionDef] = []
        for node in self._defined.get(name, ()):
            if isinstance(node, cst.FunctionDef):
                found.append(node)
            else:
                found += [
                    member
                    for member in node.body.body
                    if isinstance(member, cst.FunctionDef) and member.name.value in ("__init__", "__new__")
                ]
        return found

    def classes(self, name: str) -> list[cst.ClassDef]:
        """The classes of that name."""
        return [node for node in self._defined.get(name, ()) if isinstance(node, cst.ClassDef)]

    @cached_property
    def _defined(self) -> dict[str, list[cst.FunctionDef | cst.ClassDef]]:
        """All functions and classes by name, in the order of the text."""
        found: dict[str, list[cst.FunctionDef | cst.ClassDef]] = {}
        definitions: list[cst.FunctionDef | cst.ClassDef] = self.all(cst.FunctionDef, cst.ClassDef)
        for node in definitions:
            found.setdefault(node.name.value, []).append(node)
        return found

    def attributes(self, name: str) -> list[cst.Attribute]:
        """Each `x.name` of the file, in the order of the text."""
        return self._attributes.get(name, [])

    @cached_property
    def _attributes(self) -> dict[str, list[cst.Attribute]]:
        found: dict[str, list[cst.Attribute]] = {}
        for node in self.all(cst.Attribute):
            found.setdefault(node.attr.value, []).append(node)
        return found

    @property
    def step(self) -> str:
        """What one level of indentation adds in this file."""
        return self.module.default_indent

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the text, whatever they are there: what is none of them is not named."""
        return frozenset(_WORD.findall(self.text))

    @cached_property
    def imports(self) -> list[cst.Import | cst.ImportFrom]:
        """All imports of the file, in the order of the text."""
        return self.all(cst.Import, cst.ImportFrom)

    def class_around(self, function: cst.FunctionDef) -> cst.ClassDef | None:
        """The class that a function is a method of."""
        block = self.parent(function)
        owner = self.parent(block) if block is not None else None
        return owner if isinstance(owner, cst.ClassDef) else None


@lru_cache(maxsize=256)
def parsed(path: str, text: str) -> Source | None:
    """A file's source, or None if libcst cannot parse it."""
    try:
        return Source(path, text)
    except (cst.ParserSyntaxError, RecursionError):
        return None


def path_of(node: cst.CSTNode) -> str | None:
    """The variable or attribute path that an expression is, spelled with dots."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = path_of(node.value)
        return f"{base}.{node.attr.value}" if base is not None else None
    return None


def place_of(node: cst.CSTNode) -> str | None:
    """The place that an expression may be, spelled as in messages: a path, and `state['budget']` or `pair[0]`, too."""
    if isinstance(node, cst.Attribute):
        base = place_of(node.value)
        return f"{base}.{node.attr.value}" if base is not None else None
    if not isinstance(node, cst.Subscript):
        return path_of(node)
    base, index = place_of(node.value), node.slice[0].slice
    if base is None or len(node.slice) != 1 or not isinstance(index, cst.Index):
        return None
    key = index.value
    if isinstance(key, cst.SimpleString):
        return f"{base}[{key.evaluated_value!r}]"
    number = key.expression if isinstance(key, cst.UnaryOperation) and isinstance(key.operator, cst.Minus) else key
    if not isinstance(number, cst.Integer):
        return None
    return f"{base}[{'' if number is key else '-'}{number.value}]"


def root_of(place: str) -> str:
    """The variable that a place begins with."""
    found = _WORD.match(place)
    return found[0] if found else place


def stem_of(place: str) -> str:
    """The last name in a place, for the names of its parts."""
    return next((word for word in reversed(_WORD.findall(place)) if word.isidentifier()), place)


def levels(node: Comprehension) -> list[cst.CompFor]:
    """The loops of a comprehension, from the outside in."""
    found = [node.for_in]
    while (inner := found[-1].inner_for_in) is not None:
        found.append(inner)
    return found


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """All parameters that there are, in order."""
    stars = [each for each in (params.star_arg, params.star_kwarg) if isinstance(each, cst.Param)]
    return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]


def names_in(target: cst.CSTNode) -> set[str]:
    """The variables of an assignment's target."""
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Tuple, cst.List)):
        return {name for element in target.elements for name in names_in(element.value)}
    return set()


@cache
def _fields_of(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return _IN_ORDER.get(kind) or tuple(each.name for each in fields(kind))


@cache
def _is_meant(mro: tuple[type, ...]) -> bool:
    return cst.CSTNode in mro and mro[0] not in _BETWEEN


def _below(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What libcst calls the children of a node. It copies the node to find them, which takes four times as long."""
    found: list[cst.CSTNode] = []
    for name in _fields_of(type(node)):
        value = getattr(node, name)
        for each in value if isinstance(value, (tuple, list)) else (value,):
            if _is_meant(type(each).__mro__):
                found.append(each)
    return found


def _first_of(statement: Statement) -> cst.CSTNode:
    """Where the text of a statement begins: its first decorator, if it has one."""
    decorators: tuple[cst.Decorator, ...] = tuple(getattr(statement, "decorators", ()))
    return decorators[0] if decorators else statement
