"""Statements: what is assigned to what, and where control goes; but for loops."""

from __future__ import annotations

from ..language import Value
from ..language.expressions import Place
from ..language.statements import (
    Assert,
    Assign,
    Collect,
    CollectMore,
    Delete,
    Do,
    For,
    Halve,
    If,
    Match,
    Put,
    Raise,
    Return,
    Swap,
    Try,
    Unpack,
    View,
    With,
    Yield,
)
from .loops import source_of
from .places import DICTS, arguments_of, item_of, spelled
from .writer import Rows, Writer

__all__ = ["ROWS"]


def _assign(w: Writer, node: Assign) -> None:
    typed, twin = w.value(node.value, "move")
    if node.other is None:
        w.put(f"{spelled(node.target)} = {typed}", _bind(w, node.target, twin))
        return
    source = f", {arguments_of(node.value)}" if isinstance(node.value, Place) else ""
    second = _bind(w, node.other, f"t.chained({w.line}{source})")
    parts = [f"x = {twin}", _bind(w, node.target, "x"), second]
    w.put(f"{spelled(node.target)} = {spelled(node.other)} = {typed}", "; ".join(parts))


def _bind(w: Writer, target: Place, value: str) -> str:
    root, *path = target.path
    if not path:
        return f"{root} = t.init({value})"
    return f"t.store({w.line}, {w.r_of_field}, {value}, {arguments_of(target)})"


def _swap(w: Writer, node: Swap) -> None:
    # What was only put into the pair is still there if the pair is never finished.
    left, right = (w.value(value, "hold" if isinstance(value, Place) else "move") for value in (node.left, node.right))
    text = f"{spelled(node.first)}, {spelled(node.second)} = {left[0]}, {right[0]}"
    twin = f"x, y = t.pair(t.begin(), {left[1]}, {right[1]})"
    w.put(text, "; ".join([twin, _bind(w, node.first, "x"), _bind(w, node.second, "y")]))


def _halve(w: Writer, node: Halve) -> None:
    typed, twin = w.value(node.value, "move")
    called = f"x, y = t.call({w.r}, t.begin(), {twin}), Owner()"
    w.put(
        f"{spelled(node.first)}, {spelled(node.second)} = halve({typed})",
        "; ".join([called, _bind(w, node.first, "x"), _bind(w, node.second, "y")]),
    )


def _unpack(w: Writer, node: Unpack) -> None:
    (_, typed), twin = source_of(w, For(node.first, node.source, (), ()), "unpack")
    w.put(
        f"{node.first}, {'*' if node.starred else ''}{node.second} = {typed}",
        f"{node.first}, {node.second} = {twin}",
    )


def _view(w: Writer, node: View) -> None:
    typed, twin = w.value(node.source, "view")
    declared = ": Borrowed[Coin]" if node.declared else ""
    w.put(f"{node.name}{declared} = {typed}", f"{node.name} = {twin}")


def _collect(w: Writer, node: Collect) -> None:
    places = [place for row in node.display.rows for place in row.places]
    looks = "".join(f"{w.use('view', place)}, " for place in places)
    w.put(
        f"{node.name}: list[Borrowed[Coin]] = [{', '.join(map(spelled, places))}]",
        f"{node.name} = t.collect([{looks}])",
    )


def _collect_more(w: Writer, node: CollectMore) -> None:
    lent = (
        f"t.second(t.call(0, t.begin(), {w.use('lend', node.place)}), t.view({w.line}, 0, {arguments_of(node.place)}))"
    )
    w.put(
        f"{node.name}.append({spelled(node.place)})",
        f"t.collect_more({w.line}, {w.r}, {w.r_of_field}, {node.name}, lambda: {lent})",
    )


def _put_into(w: Writer, node: Put) -> None:
    typed, twin = w.value(node.value, "move")
    source = node.target.source
    raises = 0 if source.path[0] in DICTS else w.r
    w.put(f"{item_of(source)} = {typed}", f"t.put({w.line}, {raises}, {twin}, {arguments_of(source)})")


def _do(w: Writer, node: Do) -> None:
    if isinstance(node.what, Value):
        w.put(*w.value(node.what, "look"))
    else:
        w.put(*w.number(node.what))


def _delete(w: Writer, node: Delete) -> None:
    w.put(f"del {spelled(node.place)}", w.use("delete", node.place))


def _return(w: Writer, node: Return) -> None:
    if w.inside:
        w.put("return" if w.yields else "return 0", "return None")
    elif node.value is None:
        w.put("return" if w.program.form == "generator" else "return None", "return None")
    else:
        typed, twin = w.value(node.value, "move")
        w.put(f"return {typed}", f"return {twin}")


def _yield(w: Writer, node: Yield) -> None:
    typed, twin = w.value(node.value, "move")
    w.put(f"yield {typed}", f"t.call({w.r}, t.begin(), {twin})")


def _raise(w: Writer, node: Raise) -> None:
    w.put("raise ValueError", "t.boom(Known)")


def _assert(w: Writer, node: Assert) -> None:
    typed, twin = w.condition(node.condition)
    w.put(f"assert {typed}", f"{twin} or t.boom()")


def _if(w: Writer, node: If) -> None:
    typed, twin = w.condition(node.condition)
    w.put(f"if {typed}:", f"if {twin}:")
    w.block(node.then)
    if node.otherwise:
        w.put("else:", "else:")
        w.block(node.otherwise)


def _try(w: Writer, node: Try) -> None:
    sees = w.raises or bool(node.final)
    w.put("try:", "try:")
    w.block(node.body, raises=True)
    for handler in node.handlers:
        if handler.catches_all:
            w.put("except BaseException:", "except Oops:")
        else:
            w.put("except ValueError:", "except t.caught():")
        w.block(handler.body, raises=sees)
    if node.handlers and node.otherwise:
        w.put("else:", "else:")
        w.block(node.otherwise, raises=sees)
    if node.final:
        w.put("finally:", "finally:")
        w.block(node.final, raises=w.raises)
    w.put_twin("t.changed = True")


def _with(w: Writer, node: With) -> None:
    name = "Swallow" if node.swallows else "Plain"
    start = "async with" if node.is_async else "with"
    w.put(f"{start} {name}():", f"with t.manager({w.r}, {int(node.swallows)}):")
    w.block(node.body, raises=True if node.swallows else w.raises)
    w.put_twin("t.changed = True")


def _match(w: Writer, node: Match) -> None:
    if node.subject is None:
        w.put("match numbers()[0]:", f"t.call({w.r}, t.begin())")
    else:
        w.put(f"match {spelled(node.subject)}:", w.use("look", node.subject))
    last = len(node.cases) - 1
    # The cases are a chain of `if` to the twin, which has no level of its own for them.
    w.depth, w.deeper = w.depth + 1, w.deeper - 1
    for index, case in enumerate(node.cases):
        pattern, test, first = _pattern(w, node, index, case.names)
        if node.has_default and index == last:
            pattern, test = "_", "True"
        if case.guard is not None:
            typed, twin = w.condition(case.guard)
            pattern, test = f"{pattern} if {typed}", f"{test} and {twin}"
        w.put(f"case {pattern}:", f"{'if' if index == 0 else 'elif'} {test}:")
        w.block(case.body, first=first)
    w.depth, w.deeper = w.depth - 1, w.deeper + 1


def _pattern(w: Writer, node: Match, index: int, names: tuple[str, ...]) -> tuple[str, str, list[str]]:
    """The pattern, the twin's test of it, and what the twin does when the guard has passed."""
    if node.subject is None or not names:
        return str(index), "t.choose()", []
    fields = ("a", "b") if len(names) == 2 else ("",)
    binds, keeps = [], []
    for name, part in zip(names, fields, strict=True):
        binding = w.binding()
        place = arguments_of(node.subject) + (f", '{part}'" if part else "")
        binds.append(f"({name} := t.bind({w.line}, {binding}, {place}))")
        keeps.append(f"{name} = t.keep({w.line}, {binding}, {name}, {place})")
    pattern = names[0] if len(names) == 1 else f"Purse(a={names[0]}, b={names[1]})"
    # To read the fields may raise.
    raises = f"t.maybe_raise({w.r_of_field}) or " if len(names) == 2 else ""
    return pattern, f"({raises}t.sure({', '.join(binds)}))", keeps


ROWS = Rows(
    statements={
        Assign: _assign,
        Swap: _swap,
        Halve: _halve,
        Unpack: _unpack,
        View: _view,
        Collect: _collect,
        CollectMore: _collect_more,
        Put: _put_into,
        Do: _do,
        Delete: _delete,
        Return: _return,
        Yield: _yield,
        Raise: _raise,
        Assert: _assert,
        If: _if,
        Try: _try,
        With: _with,
        Match: _match,
    }
)
