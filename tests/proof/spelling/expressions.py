"""Values, numbers and conditions, as far as they are of no other topic."""

from __future__ import annotations

from ..language import Value
from ..language.expressions import (
    And,
    Attribute,
    Both,
    Call,
    Chain,
    Choice,
    Decide,
    Either,
    Element,
    Entries,
    Fields,
    Format,
    Fresh,
    Item,
    Not,
    Or,
    Place,
    Positive,
    Star,
    Truth,
    Walrus,
)
from .library import FUNCTIONS
from .places import DICTS, arguments_of, item_of, spelled
from .writer import Rows, Two, Writer

__all__ = ["ROWS"]

# Values


def _place(w: Writer, node: Place, use: str) -> Two:
    return spelled(node), w.use(use, node)


def _fresh(w: Writer, node: Fresh, _: str) -> Two:
    return f"{node.kind}()", f"t.call({w.r}, t.begin())"


def _fields(w: Writer, node: Fields, _: str) -> Two:
    one, other = w.value(node.left, "move"), w.value(node.right, "move")
    made = f"t.call({w.r}, t.begin(), {one[1]}, {other[1]})"
    return f"{'Team' if node.team else 'Purse'}({one[0]}, {other[0]})", made


def _entries(w: Writer, node: Entries, _: str) -> Two:
    texts = [w.value(item, "star" if isinstance(item, Star) else "move") for item in node.items]
    twin = f"t.display(t.begin(), {', '.join(text[1] for text in texts)})"
    if node.keyed:
        typed = ", ".join(f'"k{number}": {text[0]}' for number, text in enumerate(texts))
        return f"{{{typed}}}", twin
    return f"[{', '.join(text[0] for text in texts)}]", twin


def _element(w: Writer, node: Element, use: str) -> Two:
    # What nobody takes is nobody else's.
    taken = w.use("receiver" if use == "look" else "pop", node.source, calls=True)
    key = '"k0"' if node.source.path[0] in DICTS else ""
    return f"{spelled(node.source)}.pop({key})", f"t.call({w.r}, t.begin(), {taken})"


def _star(w: Writer, node: Star, use: str) -> Two:
    passed = w.use(use, node.source)
    keyed = node.source.path[0] in DICTS
    if use == "star" or keyed:
        # To go through a list for a call raises nothing.
        passed = f"t.second({passed}, t.maybe_raise({w.r}))"
    return f"*{spelled(node.source)}{'.values()' if keyed else ''}", passed


def _item(w: Writer, node: Item, use: str) -> Two:
    return item_of(node.source), f"t.item('{use}', {w.line}, {w.r}, {arguments_of(node.source)})"


def _choice(w: Writer, node: Choice, use: str) -> Two:
    typed, twin = w.condition(node.condition)
    one, other = w.value(node.then, use), w.value(node.otherwise, use)
    return f"({one[0]} if {typed} else {other[0]})", f"({one[1]} if {twin} else {other[1]})"


def _or(w: Writer, node: Or, use: str) -> Two:
    typed, twin = w.value(node.right, use)
    # For a look, the one at its truth is all there is.
    again = "0" if use == "look" else w.use(use, node.left)
    return f"({spelled(node.left)} or {typed})", f"({again} if {w.use('truth', node.left)} else {twin})"


def _and(w: Writer, node: And, use: str) -> Two:
    typed, twin = w.value(node.right, use)
    again = "0" if use == "look" else w.use(use, node.left)
    return f"({spelled(node.left)} and {typed})", f"({twin} if {w.use('truth', node.left)} else {again})"


def _walrus(w: Writer, node: Walrus, use: str) -> Two:
    typed, twin = w.value(node.value, "move")
    again = w.use(use, Place((node.name,)))
    return f"({node.name} := {typed})", f"t.second(({node.name} := t.init({twin})), {again})"


# Calls and numbers


def _call(w: Writer, node: Call) -> Two:
    function = FUNCTIONS[node.function]
    arguments = list(node.arguments)
    name = node.function
    twins = ["t.begin()"]
    if function.receiver is not None:
        receiver = arguments.pop(0)
        assert isinstance(receiver, Place)
        name = f"{spelled(receiver)}.{name}"
        twins.append(w.use(function.receiver, receiver, calls=True))
    typed: list[str] = []
    takes = function.takes * len(arguments) if function.is_variadic else function.takes
    given = list(zip(arguments, takes, ("x=", "y=") if node.by_name else ("",) * len(takes), strict=True))
    for argument, taking, called in reversed(given) if node.by_name else given:
        one = w.value(argument, taking) if isinstance(argument, Value) else w.number(argument)
        typed.append(called + one[0])
        twins.append(one[1])
    text, twin = f"{name}({', '.join(typed)})", f"t.call({w.r}, {', '.join(twins)})"
    return f"(await {text})" if function.is_async else text, twin


def _attribute(w: Writer, node: Attribute) -> Two:
    if node.computed:
        typed, twin = w.value(node.place, "look")
        return f"{typed}.size", f"t.second({twin}, t.maybe_raise({w.r}))"
    if isinstance(node.place, Item):
        typed, twin = w.value(node.place, "look")
        return f"{typed}.n", f"t.second({twin}, t.maybe_raise({w.r_of_field}))"
    return f"{spelled(node.place)}.n", f"t.look({w.line}, {w.r_of_field}, {arguments_of(node.place)})"


def _format(w: Writer, node: Format) -> Two:
    return f'len(f"{{{spelled(node.place)}}}")', f"t.call({w.r}, t.begin(), {w.use('look', node.place)})"


# Conditions


def _decide(w: Writer, _: Decide) -> Two:
    return "decide()", f"t.call({w.r}, t.begin()) and t.choose()"


def _not(w: Writer, node: Not) -> Two:
    typed, twin = w.condition(node.operand)
    return f"(not {typed})", f"(not ({twin}))"


def _both(w: Writer, node: Both | Either) -> Two:
    word = "and" if isinstance(node, Both) else "or"
    one, other = w.condition(node.left), w.condition(node.right)
    return f"({one[0]} {word} {other[0]})", f"(({one[1]}) {word} ({other[1]}))"


def _positive(w: Writer, node: Positive) -> Two:
    typed, twin = w.number(node.number)
    return f"({typed} > 0)", f"t.compare({w.r}, {twin})"


def _truth(w: Writer, node: Truth) -> Two:
    return w.value(node.value, "truth")


def _chain(w: Writer, node: Chain) -> Two:
    places = (node.first, node.second, node.third)
    looks = [w.use("look", place) for place in places]
    two = f"t.compare({w.r}, {looks[0]}, {looks[1]})"
    return f"({' < '.join(map(spelled, places))})", f"({two} and t.compare({w.r}, {looks[2]}))"


ROWS = Rows(
    values={
        Place: _place,
        Fresh: _fresh,
        Fields: _fields,
        Entries: _entries,
        Element: _element,
        Star: _star,
        Item: _item,
        Choice: _choice,
        Or: _or,
        And: _and,
        Walrus: _walrus,
        Call: lambda w, node, _: _call(w, node),
    },
    numbers={Call: _call, Attribute: _attribute, Format: _format},
    conditions={
        Decide: _decide,
        Not: _not,
        Both: _both,
        Either: _both,
        Positive: _positive,
        Truth: _truth,
        Chain: _chain,
    },
)
