"""Loops and comprehensions, and what they go over."""

from __future__ import annotations

from typing import TypeAlias

from ..language import Block
from ..language.expressions import Comprehension, Display, Fresh, Over, Place
from ..language.generators import Later, LaterCoins
from ..language.statements import Break, Continue, For, While
from ..language.tasks import GatherEach, JobsOf
from ..language.threads import SeveralOf
from .places import DICTS, arguments_of, is_collection, is_flow, spelled
from .writer import Rows, Two, Writer

__all__ = ["ROWS", "body_of_loop", "loops", "source_of"]

Loop: TypeAlias = For | Comprehension | Later | LaterCoins | GatherEach | JobsOf | SeveralOf


def _while(w: Writer, node: While) -> None:
    loop = w.binding()
    typed, twin = ("True", "True") if node.condition is None else w.condition(node.condition)
    w.put_twin(f"t.enter({loop})")
    w.put(f"while {typed}:", f"while t.turn({loop}, {twin}):")
    body_of_loop(w, node.body, node.otherwise)


def body_of_loop(w: Writer, body: Block, otherwise: Block) -> None:
    w.block(body, first=["t.changed = True"])
    if otherwise:
        w.put("else:", "else:")
        w.block(otherwise, first=["t.changed = True"])
    w.put_twin("t.changed = True")


def _for(w: Writer, node: For) -> None:
    (target, typed), twin = source_of(w, node)
    start = "async for" if node.over == "async" else "for"
    w.put(f"{start} {target} in {typed}:", f"for {node.target} in {twin}:")
    body_of_loop(w, node.body, node.otherwise)


def source_of(w: Writer, node: Loop, how: str = "each") -> tuple[Two, str]:
    """The target of a loop or comprehension and what it goes over, and what that is to the twin."""
    source = node.source
    if source is None:
        numbers = "numbers_later()" if node.over == "async" else "numbers()"
        return (node.target, numbers), f"t.count({w.r})"
    if isinstance(source, Place) and is_collection(source):
        return (node.target, spelled(source)), f"t.each_of_collection({w.line}, {w.r}, {spelled(source)})"
    if isinstance(source, Display):
        return (node.target, _display(source)), _rows(w, source)
    first = f"t.second(t.call({w.r}, t.begin()), " if node.over == "zip" else ""
    if isinstance(source, Place):
        typed, keyed = spelled(source), source.path[0] in DICTS
        how += "_coin" if is_flow(source) else ""
        twin = f"t.{how}({w.line}, {w.r}, {w.binding()}, {arguments_of(source)})"
    else:
        typed, twin = w.value(source, "move")
        keyed, twin = source == Fresh("shelf"), f"t.{how}_new({w.r}, {twin})"
    return _over(node.over, keyed, node.target, typed), f"{first}{twin}{')' if first else ''}"


def loops(w: Writer, node: Comprehension | Later | LaterCoins | GatherEach | JobsOf | SeveralOf, element: Two) -> Two:
    (target, typed), twin = source_of(w, node)
    condition = ("", "")
    if node.condition is not None:
        one, other = w.condition(node.condition)
        condition = f" if {one}", f" if {other}"
    return (
        f"{element[0]} for {target} in {typed}{condition[0]}",
        f"{element[1]} for {node.target} in {twin}{condition[1]}",
    )


def _display(node: Display) -> str:
    rows = [", ".join(map(spelled, row.places)) for row in node.rows]
    return _tuple([f"({text})" if len(row.places) > 1 else text for row, text in zip(node.rows, rows, strict=True)])


def _rows(w: Writer, node: Display) -> str:
    rows = [_tuple([_tuple([place.path[0], repr(place.path[1:])]) for place in row.places]) for row in node.rows]
    return f"t.each_of_display({w.line}, {w.r_of_field}, {w.binding()}, {_tuple(rows)})"


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _over(over: Over, keyed: bool, target: str, source: str) -> Two:
    """The target of a loop, and what it goes over."""
    if over == "async":
        return target, "coins_later()"
    if over == "items":
        return f"_, {target}", f"{source}.items()"
    if keyed:
        source += ".values()"
    if over == "plain":
        return target, source
    if over in ("enumerate", "zip"):
        return f"_, {target}", f"zip(numbers(), {source})" if over == "zip" else f"enumerate({source})"
    return target, f"{over}({source})"


def _comprehension(w: Writer, node: Comprehension) -> Two:
    typed, twin = loops(w, node, w.number(node.element))
    if node.lazy:
        return f"sum({typed})", f"t.call({w.r}, t.begin(), [{twin}])"
    return f"len([{typed}])", f"t.call({w.r}, t.begin(), [{twin}])"


def _break(w: Writer, node: Break) -> None:
    w.put("break", "break")


def _continue(w: Writer, node: Continue) -> None:
    w.put("continue", "continue")


ROWS = Rows(
    statements={While: _while, For: _for, Break: _break, Continue: _continue},
    numbers={Comprehension: _comprehension},
)
