"""A reservation that is not settled on every way out: hold it in a `with` block, which settles it.

What the block leaves unsettled counts as spent, as it did before when Python collected it: where the program does not
say from when on the call was sent, it is sent from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from .edits import Edit, Proposal
from .site import Site
from .source import Source, Statement

__all__ = ["hold_in_a_with_block"]

_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
_SETTLES = frozenset({"commit", "release", "forfeit"})
"""The ways to settle a `Reservation`, which its messages name. What other classes do in a block is not known here."""


def hold_in_a_with_block(site: Site) -> Iterator[Proposal]:
    """`call = b.reserve(n)`, and `call.commit(used)` on some ways only: `with b.reserve(n) as call:`."""
    source, name = site.source, site.reading.place
    if not name.isidentifier() or not all(f'"{way}"' in site.error.message for way in _SETTLES):
        return
    given = [each for each in source.mentions(name) if source.start(each)[0] == site.error.line]
    target = source.parent(given[0]) if len(given) == 1 else None
    assign = source.parent(target) if isinstance(target, cst.AssignTarget) else None
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or assign.value.lpar:
        return
    statement = source.statement(assign)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return
    rest = _until_the_last_use(source, statement, name)
    if not rest:
        return
    yield Proposal(
        f'hold "{name}" in a "with" block',
        (
            Edit(source.path, source.start(assign), source.start(assign.value), "with "),
            source.insert(source.end(assign.value), f" as {name}:"),
            *_indented(source, statement, rest, _sent(source, name, rest)),
        ),
    )


def _until_the_last_use(source: Source, statement: Statement, name: str) -> Sequence[Statement]:
    """The statements after one in its block, up to the last that names the variable; empty if that is not all of it."""
    block = source.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)):
        return ()
    body: list[Statement] = [each for each in block.body if isinstance(each, _STATEMENTS)]
    after = body[body.index(statement) + 1 :]
    while after and not source.occurrences(name, after[-1]):
        after.pop()
    inside = [node for each in after for node in source.occurrences(name, each)]
    scope = source.scope(statement)
    outside = [node for node in source.occurrences(name, scope) if node not in inside]
    if any(source.start(node)[0] != source.start(statement)[0] for node in outside):
        return ()
    if any(source.stored(node) or source.scope(node) is not scope for node in inside):
        return ()
    if any(isinstance(node, cst.Yield) for each in after for node in source.walk(each)):
        # Whoever has the generator decides when the block is left, if ever.
        return ()
    settled = any(
        isinstance(around := source.parent(node), cst.Attribute) and around.attr.value in _SETTLES for node in inside
    )
    return after if settled else ()


def _sent(source: Source, name: str, statements: Sequence[Statement]) -> str:
    """`call.sent()`, unless the statements say so at a time of their own."""
    said = any(
        isinstance(node, cst.Attribute) and node.attr.value == "sent"
        for each in statements
        for node in source.walk(each)
    )
    return "" if said else f"{name}.sent()"


def _indented(source: Source, first: Statement, rest: Sequence[Statement], sent: str) -> Iterator[Edit]:
    """One level more for all lines of the statements, and a line before them. The lines of a string stay."""
    begin, column = source.start(first)
    indent, step = source.lines.line(begin)[:column], source.step
    after, last = source.end(first)[0] + 1, source.end(rest[-1])[0]
    if sent:
        yield source.insert((after, 0), f"{indent}{step}{sent}{source.lines.newline}")
    strings = {
        line
        for each in rest
        for node in source.walk(each)
        if isinstance(node, (cst.SimpleString, cst.FormattedString))
        for line in range(source.start(node)[0] + 1, source.end(node)[0] + 1)
    }
    for line in range(after, last + 1):
        text = source.lines.line(line)
        if line not in strings and text.strip():
            # A comment may begin further to the left.
            yield source.insert((line, min(len(indent), len(text) - len(text.lstrip()))), step)
