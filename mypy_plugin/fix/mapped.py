"""One value for as many calls as `map` makes of a lambda that captured it: split it, and give each call a part.

A nested function stays as it is: its parameter would need a type, which a message does not say.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .edits import Proposal
from .rounds import can_come_before, uses_after
from .site import Site
from .sizes import rounds_of
from .source import Source, path_of, stem_of
from .usage import always_evaluated

__all__ = ["split_per_call"]


def split_per_call(site: Site) -> Iterator[Proposal]:
    """`pool.map(lambda t: f(t, b), ts)`: `pool.map(lambda t, part: f(t, part), ts, parts)`, split before it."""
    source, place = site.source, site.reading.place
    if not site.reading.captured:
        return
    functions = [source.scope(node) for node in source.mentions(place)]
    for function in dict.fromkeys(functions):
        if isinstance(function, cst.Lambda) and source.start(function)[0] == site.error.line:
            call = _map_of(source, function)
            if call is not None:
                yield from _split(source, place, function, call)


def _map_of(source: Source, function: cst.Lambda) -> cst.Call | None:
    """The call of `map` that a lambda is given to, with one iterable for its one parameter."""
    argument = source.parent(function)
    call = source.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or (path_of(call.func) or "").rpartition(".")[2] != "map":
        return None
    iterables = [each for each in call.args if each.keyword is None]
    taken = function.params.params
    is_plain = function.params.deep_equals(cst.Parameters(taken)) and all(each.default is None for each in taken)
    if not is_plain or len(taken) != 1 or len(iterables) != 2 or any(each.star for each in call.args):
        return None
    return call if iterables[0] is argument else None


def _split(source: Source, place: str, function: cst.Lambda, call: cst.Call) -> Iterator[Proposal]:
    inside, scope, statement = source.occurrences(place, function.body), source.scope(call), source.statement(call)
    iterable = call.args[1].value
    rounds = rounds_of(source, iterable)
    if statement is None or rounds is None or iterable.lpar or not can_come_before(source, call):
        return
    if len(source.occurrences(place, statement)) > len(inside) or any(map(source.stored, inside)):
        return
    if not any(always_evaluated(source, node, function) for node in inside):
        return
    after = uses_after(source, place, scope, statement, inside)
    if after is None:
        return
    stem, written = stem_of(place), source.as_written(place)
    part, parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("part", "parts", "rest"))
    title = f'split "{place}" evenly between the calls of the lambda'
    if after:
        title += " and what follows them"
    yield Proposal(
        title,
        (
            source.lines_before(statement, rounds.split(written, parts, rest if after else None)),
            source.insert(source.end(function.params.params[-1]), f", {part}"),
            source.insert(source.end(iterable), f", {parts}"),
            *(source.replace(node, part) for node in inside),
            *(source.replace(node, rest) for node in after),
        ),
        empties=written,
    )
