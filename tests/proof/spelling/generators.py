"""Generators that run later. What the expression for one does, it does where it stands, and looks at again later."""

from __future__ import annotations

from dataclasses import replace

from ..language.expressions import Fresh, Item, Place
from ..language.generators import (
    Consume,
    Flow,
    FlowCall,
    Generate,
    Generated,
    GeneratorCall,
    GeneratorOf,
    GiveFlow,
    Later,
    LaterCoins,
    LetFlow,
    Next,
    Pause,
    Through,
    YieldFrom,
)
from .functions import captured_by
from .library import FUNCTIONS
from .loops import body_of_loop, loops
from .places import arguments_of
from .writer import Rows, Two, Writer

__all__ = ["ROWS"]


def _generate(w: Writer, node: Generate) -> None:
    typed, twin = _generator(w, node.generator)
    w.put(f"{node.name} = {typed}", f"{node.name} = {twin}")


def _flow(w: Writer, node: Flow) -> None:
    typed, twin = _generator(w, node.generator)
    w.put(f"{node.name} = {typed}", f"{node.name} = t.flow({twin})")


def _let_flow(w: Writer, node: LetFlow) -> None:
    w.put(f"{node.name} = {node.other}", f"{node.name} = t.rename_flow({w.line}, {node.other})")


def _next(w: Writer, node: Next, use: str) -> Two:
    # What nobody takes is nobody else's.
    taken = f"t.next_coin({w.line}, {node.name}, {int(use != 'look')})"
    return f"next({node.name})", f"t.call({w.r}, t.begin(), {taken})"


def _give_flow(w: Writer, node: GiveFlow) -> Two:
    return f"take_flow({node.name})", f"t.call({w.r}, t.begin(), t.give_flow({w.line}, {node.name}))"


def _generator(w: Writer, node: Generated | FlowCall | LaterCoins) -> Two:
    if isinstance(node, GeneratorOf):
        return f"{node.name}()", f"t.generator_of({w.line}, {w.r}, {node.name})"
    if isinstance(node, (GeneratorCall, FlowCall)):
        (takes,) = FUNCTIONS[node.function].takes
        typed, twin = w.value(node.argument, takes)
        called = f"t.call({w.r}, t.begin(), {twin})"
        # That others may be lent an element meanwhile is a known hole.
        exclusive = takes == "lend" and isinstance(node.argument, Place)
        view = "None"
        if isinstance(node.argument, Item):
            view = f"t.element({arguments_of(node.argument.source)})"
        elif isinstance(node.argument, Place) and takes != "move":
            view = f"t.iterator(0, {arguments_of(node.argument)})"
        return f"{node.function}({typed})", f"t.generator_with({w.line}, {called}, {view}, {exclusive})"
    names = captured_by(node)
    typed, at_once = loops(w, node, _element(w, node))
    bindings = w.bindings
    again = replace(node, source=Fresh("coins") if node.source is not None else None)
    _, later = loops(w, again, _element(w, node))
    source = "None"
    if isinstance(node.source, Place):
        source = f"t.iterator({bindings}, {arguments_of(node.source)})"
    elif node.source is None:
        bindings = 0
    body = f"lambda {', '.join(['t', *names])}: [{later}]"
    variables = f"lambda: ({''.join(f'{each}, ' for each in names)})"
    made = f"t.generator({w.line}, '{node.name}', {body}, {variables}, {names}, [{at_once}], {source})"
    return f"({typed})", made


def _element(w: Writer, node: Later | LaterCoins) -> Two:
    return w.number(node.element) if isinstance(node, Later) else w.value(node.element, "move")


def _consume(w: Writer, node: Consume) -> Two:
    typed = {"next": f"next({node.name}, 0)", "sum": f"sum({node.name})", "star": f"len([*{node.name}])"}[node.how]
    used = f"t.{'next_of' if node.how == 'next' else 'all_of'}({w.line}, {node.name})"
    return typed, f"t.call({w.r}, t.begin(), {used})"


def _through(w: Writer, node: Through) -> None:
    if isinstance(node.generator, str):
        typed = twin = node.generator
    else:
        typed, twin = _generator(w, node.generator)
    over = f"t.each_of({w.line}, {w.r}, {twin})"
    w.put(f"for {node.target} in {typed}:", f"for {node.target} in {over}:")
    body_of_loop(w, node.body, node.otherwise)


def _yield_from(w: Writer, node: YieldFrom) -> None:
    typed, twin = _generator(w, node.generator)
    w.put_twin(f"for _ in t.each_of({w.line}, {w.r}, {twin}): t.call({w.r}, t.begin())")
    w.put(f"yield from {typed}", "t.changed = True")


def _pause(w: Writer, node: Pause) -> None:
    w.put("yield 0", f"t.call({w.r}, t.begin())")


ROWS = Rows(
    statements={
        Generate: _generate,
        Through: _through,
        Pause: _pause,
        YieldFrom: _yield_from,
        Flow: _flow,
        LetFlow: _let_flow,
    },
    values={Next: _next},
    numbers={Consume: _consume, GiveFlow: _give_flow},
)
