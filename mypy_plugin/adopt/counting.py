"""What is counted up to a cap: `used += cost`, where `used > cap` is asked; and how to count the cap down instead.

It is counted down instead where that surely means the same: a variable of one function that begins at 0, is compared
with the cap and nothing else, and gets no more than the cap allows, for each addition is compared first, or right
after. Who else reads the sum, and what a call that was made already has cost, is for people to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import libcst as cst

from ..fix.edits import Edit
from ..fix.source import Source, Statement, path_of
from .caps import Cap
from .uses import Kind, Use

__all__ = ["Counted", "counted_down", "counter_of"]

_TURNED: Final[dict[type[cst.BaseCompOp], str]] = {
    cst.GreaterThan: "<",
    cst.GreaterThanEqual: "<=",
    cst.LessThan: ">",
    cst.LessThanEqual: ">=",
}
"""`used > cap` is `cap.remaining < 0`."""
_AS_IT_IS: Final[dict[type[cst.BaseCompOp], type[cst.BaseCompOp]]] = {
    cst.GreaterThan: cst.LessThan,
    cst.GreaterThanEqual: cst.LessThanEqual,
    cst.LessThan: cst.GreaterThan,
    cst.LessThanEqual: cst.GreaterThanEqual,
}
"""`cap < used` is `used > cap`."""
_ALONE = (cst.Attribute, cst.Call, cst.Integer, cst.Name, cst.Subscript)
_LEAVES = (cst.Break, cst.Continue, cst.Raise, cst.Return)


@dataclass(frozen=True)
class Counted:
    """A variable that is counted up to a cap: where, and what counts the cap down instead, or why nothing does."""

    name: str
    line: int
    edits: tuple[Edit, ...] = ()
    why: str = ""


@dataclass(frozen=True, eq=False)
class _Comparison:
    """`sum OP cap`, whichever of them stands first; `added`: what is added to the sum in it."""

    node: cst.Comparison
    operator: type[cst.BaseCompOp]
    added: cst.BaseExpression | None


class _NotCertain(Exception):
    """Why it cannot be counted down instead, in words."""


def counter_of(use: Use) -> tuple[str, int] | None:
    """The variable or field that is compared with a cap and counted up, and the line where it is."""
    source = use.source
    comparison = next((each for each in source.around(use.node) if isinstance(each, cst.Comparison)), None)
    if use.kind is not Kind.COMPARED or comparison is None:
        return None
    for name in dict.fromkeys(path_of(each) for each in source.walk(comparison)):
        if name is not None and name != path_of(use.node):
            for statement in _counts_up(source, name):
                if _reach(source, name, statement) is _reach(source, name, use.node):
                    return name, source.start(statement)[0]
    return None


def counted_down(cap: Cap, uses: Sequence[Use]) -> Counted | None:
    """What is counted up to a cap, and how to count the cap down instead."""
    found = next((found for use in uses if (found := counter_of(use)) is not None), None)
    if found is None:
        return None
    name, line = found
    try:
        return Counted(name, line, edits=tuple(_instead(cap, uses, name)))
    except _NotCertain as reason:
        return Counted(name, line, why=str(reason))


def _counts_up(source: Source, name: str) -> Iterator[cst.CSTNode]:
    """Each `name += cost` and `name = name + cost` of a file."""
    for node in source.mentions(name):
        around = source.parent(node)
        if isinstance(around, cst.AugAssign) and around.target is node and isinstance(around.operator, cst.AddAssign):
            yield around
        assign = source.parent(around) if isinstance(around, cst.AssignTarget) else None
        value = assign.value if isinstance(assign, cst.Assign) else None
        if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add) and assign is not None:
            yield from [assign] if path_of(value.left) == name else []


def _reach(source: Source, name: str, node: cst.CSTNode) -> cst.CSTNode:
    """Where a name means one thing: the class for `self.used`, else the function."""
    owner = next((each for each in source.around(node) if isinstance(each, cst.ClassDef)), None)
    return owner if name.startswith("self.") and owner is not None else source.scope(node)


# Counting down instead


def _instead(cap: Cap, uses: Sequence[Use], name: str) -> Iterator[Edit]:
    """The edits. Raises _NotCertain."""
    source, function = cap.source, cap.owner
    if cap.kind != "parameter" or not isinstance(function, cst.FunctionDef) or not name.isidentifier():
        raise _NotCertain("others may read the sum")
    if cap.unit != "tokens":
        raise _NotCertain("sums of money are not exact")
    if cap.optional:
        raise _NotCertain("there may be no cap")
    names = source.occurrences(name, function.body)
    if any(source.scope(node) is not function for node in names) or not source.binds(function, name):
        raise _NotCertain("others may read the sum")
    compared = {id(use.node): _compared(source, use, name) for use in uses if use.kind is not Kind.DECLARED}
    comparisons = list(compared.values())
    read = {id(each) for one in comparisons for each in source.walk(one.node)}
    begins, additions = None, list[cst.AugAssign]()
    for node in names:
        around = source.parent(node)
        if isinstance(around, cst.AugAssign) and around.target is node and isinstance(around.operator, cst.AddAssign):
            additions.append(around)
        elif source.stored(node):
            if begins is not None:
                raise _NotCertain(f"it is given another value on line {source.start(node)[0]}")
            begins = _beginning(source, node, function)
        elif id(node) not in read:
            raise _NotCertain(f"its sum is read on line {source.start(node)[0]}")
    if begins is None:
        raise _NotCertain("it does not begin at 0 here")
    late: dict[int, cst.BaseExpression] = {}
    yield source.without(begins)
    for each in additions:
        statement = source.statement(each)
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            raise _NotCertain(f"line {source.start(each)[0]} does more than to add to it")
        after = _right_after(source, statement, comparisons)
        spent = f"{cap.name}.spend({source.code(each.value)})"
        if after is not None and _may_be_asked_first(source, each.value):
            late[id(after[1].node)] = each.value
            yield from _after(source, statement, after[0], spent)
        elif _is_asked_before(source, statement, each.value, comparisons):
            yield source.replace(each, spent)
        else:
            raise _NotCertain(f"line {source.start(each)[0]} adds what was not compared with the cap")
    for comparison in comparisons:
        added = late.get(id(comparison.node), comparison.added)
        wanted = "0" if added is None else source.code(added)
        if added is not None and not isinstance(added, _ALONE):
            wanted = f"({wanted})"
        yield source.replace(comparison.node, f"{cap.name}.remaining {_TURNED[comparison.operator]} {wanted}")


def _compared(source: Source, use: Use, name: str) -> _Comparison:
    """`used > cap`, `used + cost > cap` and the same the other way round, which is all that is done with the cap."""
    whole = next((each for each in source.around(use.node) if isinstance(each, cst.Comparison)), None)
    line = source.start(use.node)[0]
    if whole is None or use.kind is not Kind.COMPARED or len(whole.comparisons) != 1:
        raise _NotCertain(f"the cap is for something else, too, on line {line}")
    left, right = whole.left, whole.comparisons[0].comparator
    operator = type(whole.comparisons[0].operator)
    if left is use.node:
        left, right = right, left
        operator = _AS_IT_IS.get(operator, operator)
    if right is not use.node or operator not in _TURNED:
        raise _NotCertain(f"the cap is for something else, too, on line {line}")
    if path_of(left) == name:
        return _Comparison(whole, operator, None)
    if isinstance(left, cst.BinaryOperation) and isinstance(left.operator, cst.Add):
        added = [each for each in (left.left, left.right) if path_of(each) != name]
        if len(added) == 1 and not any(path_of(each) == name for each in source.walk(added[0])):
            return _Comparison(whole, operator, added[0])
    raise _NotCertain(f"line {line} compares something else with the cap")


def _beginning(source: Source, node: cst.CSTNode, function: cst.FunctionDef) -> cst.SimpleStatementLine:
    """`used = 0`, once in each call."""
    target = source.parent(node)
    assign = source.parent(target) if isinstance(target, cst.AssignTarget) else target
    statement = source.statement(node)
    is_zero = isinstance(assign, (cst.Assign, cst.AnnAssign)) and getattr(assign.value, "value", None) == "0"
    if not is_zero or not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        raise _NotCertain("it does not begin at 0, on a line of its own")
    if isinstance(assign, cst.Assign) and len(assign.targets) != 1:
        raise _NotCertain("it does not begin at 0, on a line of its own")
    if source.parent(statement) is not function.body:
        raise _NotCertain("it may begin at 0 again")
    return statement


def _neighbours(source: Source, statement: Statement) -> tuple[Sequence[cst.CSTNode], int]:
    """The block that a statement stands in, and where."""
    block = source.parent(statement)
    body: Sequence[cst.CSTNode] = block.body if isinstance(block, (cst.IndentedBlock, cst.Module)) else (statement,)
    return body, next(index for index, each in enumerate(body) if each is statement)


def _right_after(
    source: Source, statement: Statement, comparisons: Sequence[_Comparison]
) -> tuple[cst.If, _Comparison] | None:
    """`if used > cap: raise` on the next line, by which nobody goes on with more than the cap."""
    body, index = _neighbours(source, statement)
    test = body[index + 1] if index + 1 < len(body) else None
    if not isinstance(test, cst.If) or not _is_left(test) or test.leading_lines:
        return None
    found = next((each for each in comparisons if each.node is test.test), None)
    return (test, found) if found is not None and found.added is None and found.operator is cst.GreaterThan else None


def _is_asked_before(
    source: Source, statement: Statement, value: cst.BaseExpression, comparisons: Sequence[_Comparison]
) -> bool:
    """Whether `used + cost > cap` has led elsewhere, or `used + cost <= cap` here, with the same cost."""
    if not _may_be_asked_first(source, value):
        return False
    cost = source.code(value)
    by_test = {id(each.node): each for each in comparisons if each.added is not None}
    body, index = _neighbours(source, statement)
    around = source.parent(source.parent(statement) or statement)
    if isinstance(around, cst.If) and around.body is source.parent(statement):
        asked = by_test.get(id(around.test))
        if asked is not None and asked.operator is cst.LessThanEqual and _code(source, asked) == cost:
            return not _changes(source, body[:index], value)
    for before in range(index - 1, -1, -1):
        test = body[before]
        asked = by_test.get(id(test.test)) if isinstance(test, cst.If) and _is_left(test) else None
        if asked is not None and asked.operator is cst.GreaterThan and _code(source, asked) == cost:
            return not _changes(source, body[before + 1 : index], value)
    return False


def _code(source: Source, comparison: _Comparison) -> str:
    return source.code(comparison.added) if comparison.added is not None else ""


def _is_left(test: cst.If) -> bool:
    """Whether an `if` without `else` always leaves the block that it is in."""
    last = test.body.body[-1] if test.body.body else None
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return test.orelse is None and isinstance(last, _LEAVES)


def _may_be_asked_first(source: Source, value: cst.BaseExpression) -> bool:
    """Whether what is added can be evaluated once more, and earlier, with the same result."""
    is_length = isinstance(value, cst.Call) and path_of(value.func) == "len" and len(value.args) == 1
    inner = value.args[0].value if isinstance(value, cst.Call) and is_length else value
    return isinstance(inner, cst.Integer) or path_of(inner) is not None


def _changes(source: Source, statements: Sequence[cst.CSTNode], value: cst.BaseExpression) -> bool:
    """Whether statements may change what is added, or add to the sum themselves."""
    names = {each.value for each in source.walk(value) if isinstance(each, cst.Name)}
    for node in (node for each in statements for node in source.walk(each)):
        if isinstance(node, cst.AugAssign) or (
            isinstance(node, cst.Name) and node.value in names and source.stored(node)
        ):
            return True
    if isinstance(value, (cst.Name, cst.Integer)):
        return False
    # What is called may change what is in an object.
    return any(isinstance(node, (cst.Call, cst.Await)) for each in statements for node in source.walk(each))


def _after(source: Source, statement: cst.SimpleStatementLine, test: cst.If, spent: str) -> Iterator[Edit]:
    """`used += cost` goes below the `if` that follows it: the budget is asked first, and spent then."""
    line, column = source.start(statement)
    indent, newline = source.lines.line(line)[:column], source.lines.newline
    yield source.without(statement)
    below = source.end(test)[0] + 1
    if below > len(source.lines.starts):
        yield source.insert(source.end(test), f"{newline}{indent}{spent}")
    else:
        yield source.insert((below, 0), f"{indent}{spent}{newline}")
