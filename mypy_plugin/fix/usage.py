"""How a variable is used in a function, as far as text shows: which uses give it away, and which exclude each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import libcst as cst

from .source import COMPREHENSIONS, Position, Source, parameters, path_of

__all__ = [
    "LOOKS",
    "always_evaluated",
    "exclusive",
    "handed_over",
    "in_every_round",
    "is_emptied",
    "is_lent_to",
    "is_merged",
    "later",
    "looks",
    "loops_between",
    "may_grow",
]

LOOKS = frozenset({"print", "len", "repr", "str", "bool", "isinstance", "type", "id", "format"})
"""Functions that look at what they are given, and keep nothing of it."""
_TAKES_NOTHING = LOOKS | {"max", "min", "sum"}
"""Functions that give what they are given to nobody."""
_LENGTHENS_NOTHING = _TAKES_NOTHING | {"enumerate", "list", "range", "reversed", "set", "sorted", "tuple", "zip"}
"""Functions that give what goes over a container, or a copy of it, and no way to put something into it."""
_KEEPS_LENGTH = frozenset({"count", "get", "index", "items", "keys", "values"})
"""Methods of containers that only look."""
_HANDS_OUT_ALL = frozenset({"split_by", "split_evenly"})


def handed_over(source: Source, node: cst.CSTNode) -> bool:
    """Whether an occurrence is an argument of a call, an element of a display, or put into a field or an entry.

    These are values that another may take.
    """
    around = source.parent(node)
    if isinstance(around, (cst.Assign, cst.AnnAssign)) and around.value is node:
        targets = [each.target for each in around.targets] if isinstance(around, cst.Assign) else [around.target]
        return len(targets) == 1 and isinstance(targets[0], (cst.Attribute, cst.Subscript))
    if isinstance(around, cst.Arg):
        call = source.parent(around)
        if around.star or not isinstance(call, cst.Call) or is_merged(source, node):
            return False
        return path_of(call.func) not in _TAKES_NOTHING
    if isinstance(around, cst.DictElement):
        return around.value is node
    if not isinstance(around, cst.Element):
        return False
    display = source.parent(around)
    # A tuple may be a subscript, the target of an assignment or the right side of one that unpacks it.
    return isinstance(display, (cst.List, cst.Set)) or (
        isinstance(display, cst.Tuple) and isinstance(source.parent(display), (cst.Arg, cst.Element, cst.Return))
    )


def is_merged(source: Source, node: cst.CSTNode) -> bool:
    """Whether an occurrence is merged into something else: what is left goes back, and nobody wants a part of it."""
    argument = source.parent(node)
    call = source.parent(argument) if isinstance(argument, cst.Arg) else None
    return isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "merge"


def is_emptied(source: Source, place: str, scope: cst.CSTNode) -> bool:
    """Whether a function hands out all that is in a place, and merges nothing back into it."""
    methods = {
        around.attr.value
        for node in source.occurrences(place, scope)
        if isinstance(around := source.parent(node), cst.Attribute) and _is_called(source, around)
    }
    return not methods.isdisjoint(_HANDS_OUT_ALL) and "merge" not in methods


def looks(source: Source, node: cst.CSTNode, loans: Collection[str] = ()) -> bool:
    """Whether an occurrence only reads an attribute, prints or compares. `loans`: attributes that give what is lent."""
    around = source.parent(node)
    if isinstance(around, cst.Attribute):
        if _leads_to(source, around, loans):
            return looks(source, around, loans)
        above = source.parent(around)
        while isinstance(above, cst.Attribute):
            # `job.budget.spend(10)` changes what `job` has.
            around, above = above, source.parent(above)
        return not (isinstance(above, cst.Call) and above.func is around) and not source.stored(around)
    if isinstance(around, (cst.FormattedStringExpression, cst.ComparisonTarget, cst.Comparison)):
        return True
    if isinstance(around, cst.Arg):
        call = source.parent(around)
        return isinstance(call, cst.Call) and path_of(call.func) in LOOKS
    return False


def _leads_to(source: Source, node: cst.Attribute, names: Collection[str]) -> bool:
    """Whether an attribute, or one further down that is reached through it here, has one of these names."""
    around = source.parent(node)
    return node.attr.value in names or (
        isinstance(around, cst.Attribute) and around.value is node and _leads_to(source, around, names)
    )


def may_grow(source: Source, path: str, body: cst.CSTNode) -> bool:
    """Whether what a loop goes over may have another length by its next round, as a list of what is to be done has."""
    if any(_grows(source, node) or _is_given(source, node) for node in source.occurrences(path, body)):
        return True
    owner, _, field = path.rpartition(".")
    # Whoever has the object may do it.
    holds = source.occurrences(owner.partition(".")[0], body) if owner else []
    given = any(_is_given(source, node) or _is_called(source, source.parent(node)) for node in holds)
    return given and any(_grows(source, node) for node in source.attributes(field))


def _grows(source: Source, node: cst.CSTNode) -> bool:
    """Whether a container gets another length here: by a method that does not only look, `+=`, `del` or a slice."""
    around = source.parent(node)
    if isinstance(around, cst.Attribute):
        return _is_called(source, around) and around.attr.value not in _KEEPS_LENGTH
    if isinstance(around, cst.Subscript) and around.value is node:
        is_one = all(isinstance(each.slice, cst.Index) for each in around.slice)
        return source.stored(around) and not (is_one and isinstance(source.parent(around), cst.AssignTarget))
    return isinstance(around, cst.AugAssign) and around.target is node


def _is_given(source: Source, node: cst.CSTNode) -> bool:
    """Whether somebody else gets to know an object here, or it gets another name."""
    around = source.parent(node)
    if isinstance(around, cst.Arg):
        call = source.parent(around)
        return not isinstance(call, cst.Call) or path_of(call.func) not in _LENGTHENS_NOTHING
    if isinstance(around, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
        return around.value is node
    return isinstance(around, cst.Element) and not source.stored(node)


def _is_called(source: Source, node: cst.CSTNode | None) -> bool:
    call = source.parent(node) if isinstance(node, cst.Attribute) else None
    return isinstance(call, cst.Call) and call.func is node


def is_lent_to(source: Source, place: str, scope: cst.CSTNode) -> bool:
    """Whether a place may hold what somebody else owns, who goes on using it when the function has returned.

    Only a variable of the function that is not declared to borrow is surely its own.
    """
    if not place.isidentifier() or not isinstance(scope, cst.FunctionDef):
        return True
    declared = [each.annotation for each in parameters(scope.params) if each.name.value == place]
    bound = bool(declared)
    for node in source.occurrences(place, scope.body):
        if source.stored(node):
            bound = True
            around = source.parent(node)
            assign = source.parent(around) if isinstance(around, cst.AssignTarget) else around
            if isinstance(assign, cst.AnnAssign):
                declared.append(assign.annotation)
            if isinstance(assign, (cst.Assign, cst.AnnAssign)) and not isinstance(assign.value, (cst.Call, cst.Name)):
                return True
    words = [source.code(each.annotation) for each in declared if each is not None]
    return not bound or any("Borrowed" in word or "Shared" in word for word in words)


def later(source: Source, place: str, scope: cst.CSTNode, start: Position) -> list[cst.BaseExpression]:
    """The occurrences of a place from `start` to the end of its function."""
    return [node for node in source.occurrences(place, scope) if source.start(node) >= start]


def exclusive(source: Source, one: cst.CSTNode, other: cst.CSTNode) -> bool:
    """Whether two nodes are in branches of which only one is taken."""
    above = {id(each): below for each, below in _with_child(source, one)}
    for each, below in _with_child(source, other):
        if id(each) not in above:
            continue
        first = above[id(each)]
        if isinstance(each, (cst.If, cst.IfExp)):
            return first is not below and not any(branch is each.test for branch in (first, below))
        if isinstance(each, cst.Match):
            return first is not below and not any(branch is each.subject for branch in (first, below))
        if isinstance(each, (cst.Try, cst.TryStar)):
            return first is not below and first in each.handlers and below in each.handlers
        return False
    return False


def loops_between(source: Source, node: cst.CSTNode, outer: cst.CSTNode) -> list[cst.CSTNode]:
    """What repeats a node, or evaluates it later or not at all, below `outer`: from the inside out."""
    found: list[cst.CSTNode] = []
    for each, below in _with_child(source, node):
        if each is outer:
            break
        if isinstance(each, (cst.For, cst.While)):
            if below is each.body or (isinstance(each, cst.While) and below is each.test):
                found.append(each)
        elif isinstance(each, (cst.Lambda, cst.FunctionDef, cst.ClassDef, *COMPREHENSIONS)):
            found.append(each)
    return found


def always_evaluated(source: Source, node: cst.CSTNode, *within: cst.CSTNode) -> bool:
    """Whether an expression is evaluated, once, wherever the innermost of the nodes `within` around it is."""
    for each, below in _with_child(source, node):
        if isinstance(each, cst.IfExp) and below is not each.test:
            return False
        if isinstance(each, cst.BooleanOperation) and below is each.right:
            return False
        if any(each is one for one in within):
            return True
        if isinstance(each, cst.Lambda) or (isinstance(each, cst.CompFor) and below is not each.iter):
            return False
        if isinstance(each, COMPREHENSIONS) and below is not each.for_in:
            return False
    return True


def in_every_round(source: Source, uses: Sequence[cst.CSTNode], body: cst.BaseSuite) -> bool:
    """Whether no round of a loop comes to its end, or to a `continue`, before it has evaluated one of `uses`."""
    for statement in body.body:
        if _surely_uses(source, uses, statement):
            return True
        if _may_continue(source, statement):
            return False
    return False


def _surely_uses(source: Source, uses: Sequence[cst.CSTNode], statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.If):
        if _in_part(source, uses, statement.test):
            return True
        other = statement.orelse
        then = in_every_round(source, uses, statement.body)
        if isinstance(other, cst.If):
            return then and _surely_uses(source, uses, other)
        return then and other is not None and in_every_round(source, uses, other.body)
    if isinstance(statement, (cst.Try, cst.TryStar)):
        last = statement.finalbody
        return in_every_round(source, uses, statement.body) or (
            last is not None and in_every_round(source, uses, last.body)
        )
    if isinstance(statement, cst.With):
        entered = any(_in_part(source, uses, item) for item in statement.items)
        return entered or in_every_round(source, uses, statement.body)
    if isinstance(statement, cst.While):
        return _in_part(source, uses, statement.test)
    if isinstance(statement, cst.For):
        return _in_part(source, uses, statement.iter)
    if isinstance(statement, cst.Match):
        return _in_part(source, uses, statement.subject)
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return False
    return _in_part(source, uses, statement)


def _in_part(source: Source, uses: Sequence[cst.CSTNode], part: cst.CSTNode) -> bool:
    """Whether one of the uses is evaluated whenever a part of a statement is."""
    within = [use for use in uses if any(each is part for each in source.around(use))]
    return any(use is part or always_evaluated(source, use, part) for use in within)


def _may_continue(source: Source, statement: cst.CSTNode) -> bool:
    """Whether a statement has a `continue` for the loop that it is in."""
    if isinstance(statement, (cst.For, cst.While)):
        return statement.orelse is not None and _may_continue(source, statement.orelse)
    if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
        return False
    return isinstance(statement, cst.Continue) or any(
        _may_continue(source, each) for each in source.children(statement)
    )


def _with_child(source: Source, node: cst.CSTNode) -> Sequence[tuple[cst.CSTNode, cst.CSTNode]]:
    """Each node around one, with the child through which it is reached."""
    path = list(source.around(node))
    return list(zip(path[1:], path, strict=False))
