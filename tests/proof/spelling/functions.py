"""Nested functions and lambdas.

The body of one is a twin of its own, which is given everything that the body names; what the function captured are the
variables, so it is told how to find what they hold by then.
"""

from __future__ import annotations

from dataclasses import replace

from ..language import nodes
from ..language.expressions import Comprehension, Place
from ..language.functions import CallOf, Closure, Define, Giver, Lambda, Let, Named, PassTo
from ..language.generators import Later, LaterCoins
from ..language.statements import Case, For, Unpack, View
from .writer import Rows, Two, Writer

__all__ = ["ROWS", "captured_by"]


def _define(w: Writer, node: Define) -> None:
    line, names = w.line, captured_by(node)
    start = "async def" if node.runs_later else "def"
    gives = f"Iterator[{'Coin' if node.pours else 'int'}]" if node.yields else "int"
    parameter = ""
    if node.default is not None:
        typed, twin = w.value(node.default, "move")
        parameter = f"{node.parameter}: Coin = {typed}"
        # Nobody else has the parameter, so the function has captured it like any other variable.
        w.put_twin(f"{node.parameter} = t.init({twin})")
    elif node.number is not None:
        typed, twin = w.number(node.number)
        parameter = f"{node.parameter}: int = {typed}"
        w.put_twin(twin)
    own = node.parameter if node.default is not None else ""
    w.put(f"{start} {node.name}({parameter}) -> {gives}:", f"def body_of_{node.name}({', '.join(['t', *names])}):")
    with w.nested(yields=node.yields):
        for statement in node.body:
            w.statement(statement)
        w.put(f"yield {'coin()' if node.pours else '0'}" if node.yields else "return 0", "return None")
    w.bodies[node.name] = range(line + 1, w.line)
    w.put_twin(f"{node.name} = {_closure(line, node.name, f'body_of_{node.name}', names, own=own)}")


def _giver(w: Writer, node: Giver) -> None:
    line, names, gives = w.line, sorted({*captured_by(node), *node.gives}), ", ".join(node.gives)
    others = [name for name in names if name not in node.gives]
    start = "async def" if node.runs_later else "def"
    w.put(f"{start} {node.name}() -> int:", f"def body_of_{node.name}({', '.join(['t', *others])}):")
    with w.nested():
        w.put(f"nonlocal {gives}", f"nonlocal {gives}")
        for statement in node.body:
            w.statement(statement)
        w.put("return 0", "return None")
    w.bodies[node.name] = range(line + 1, w.line)
    w.put_twin(f"def store_{node.name}(*x):")
    w.put_twin(f"    nonlocal {gives}")
    w.put_twin(f"    {gives}, = x")
    made = _closure(line, node.name, f"body_of_{node.name}", names, "giver")
    w.put_twin(f"{node.name} = {made[:-1]}, {sorted(node.gives)}, store_{node.name})")


def _let(w: Writer, node: Let) -> None:
    typed, twin = _function(w, node.function, "keep")
    w.put(f"{node.name} = {typed}", f"{node.name} = {twin}")


def _function(w: Writer, node: Closure, use: str) -> Two:
    if isinstance(node, Named):
        told = "" if use == "keep" else f", {w.r}"
        return node.name, f"t.{use}_function({w.line}, {node.name}{told})"
    assert isinstance(node, Lambda)
    names = captured_by(node)
    default, before = "", "0"
    if node.default is not None:
        # All that can be seen is that it moves: nobody calls the function.
        default, before = w.value(node.default, "move")
    elif node.number is not None:
        default, before = w.number(node.number)
    parameter = f" {node.parameter}={default}" if default else ""
    w.bodies[node.name] = range(w.line, w.line + 1)
    with w.nested():
        w.depth -= 1
        typed, twin = w.number(node.body)
        w.depth += 1
    made = _closure(w.line, node.name, f"lambda {', '.join(['t', *names])}: {twin}", names)
    made = f"t.second({before}, {made})"
    return f"(lambda{parameter}: {typed})", made if use == "keep" else f"t.{use}_function({w.line}, {made})"


def captured_by(node: Define | Giver | Lambda | Later | LaterCoins) -> list[str]:
    """What the body of a function names that is not its own. What a generator expression goes through is its own."""
    if isinstance(node, (Later, LaterCoins)):
        node = replace(node, source=None)
    elif isinstance(node, (Define, Lambda)):
        node = replace(node, default=None, number=None)
    loops = [one for one in nodes(node) if isinstance(one, (For, Comprehension, Later, LaterCoins))]
    own = {name for one in loops for name in one.target.split(", ")}
    own |= {name for one in nodes(node) if isinstance(one, Case) for name in one.names}
    own |= {one.name for one in nodes(node) if isinstance(one, View)}
    own |= {name for one in nodes(node) if isinstance(one, Unpack) for name in (one.first, one.second)}
    return sorted({one.path[0] for one in nodes(node) if isinstance(one, Place)} - own)


def _closure(line: int, name: str, body: str, names: list[str], how: str = "closure", own: str = "") -> str:
    """`own`: a parameter, which is not what later functions have by this name."""
    variables = f"lambda{f' {own}={own}' if own else ''}: ({''.join(f'{each}, ' for each in names)})"
    return f"t.{how}({line}, '{name}', {body}, {variables}, {names})"


def _call_of(w: Writer, node: CallOf) -> Two:
    typed, how = (f"(await {node.name}())", "await") if node.awaited else (f"{node.name}()", "call")
    return typed, f"t.call({w.r}, t.begin(), t.{how}_function({w.line}, {node.name}, {w.r}))"


def _pass_to(w: Writer, node: PassTo) -> Two:
    typed, twin = _function(w, node.function, node.helper)
    return f"{node.helper}({typed})", f"t.call({w.r}, t.begin(), {twin})"


ROWS = Rows(statements={Define: _define, Giver: _giver, Let: _let}, numbers={CallOf: _call_of, PassTo: _pass_to})
