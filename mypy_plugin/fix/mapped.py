"""One value for as many calls as `map` makes of a function that captured it: split it, and give each call a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from .edits import Edit, Proposal
from .passed import takes_one_more
from .rounds import can_come_before, uses_after
from .site import PARTIAL, Site
from .sizes import rounds_of
from .source import Source, parameters, path_of, stem_of
from .usage import always_evaluated

__all__ = ["split_per_call"]

_OTHER_PROCESSES = ("Process", "multiprocessing")
"""How the names of what calls a function in another process begin: no lambda gets there."""


def split_per_call(site: Site) -> Iterator[Proposal]:
    """`pool.map(lambda t: f(t, b), ts)`: `pool.map(lambda t, part: f(t, part), ts, parts)`, split before it."""
    source, place = site.source, site.reading.place
    if not site.reading.captured:
        return
    for function in dict.fromkeys(source.scope(node) for node in source.mentions(place)):
        if isinstance(function, cst.Lambda) and source.start(function)[0] == site.error.line:
            yield from _of_lambda(source, place, function)
    for named in source.functions(site.reading.subject):
        yield from _of_function(site, place, named)
    for node in source.mentions(place):
        argument = source.parent(node)
        partial = source.parent(argument) if isinstance(argument, cst.Arg) else None
        if isinstance(partial, cst.Call) and source.start(partial)[0] == site.error.line:
            yield from _of_partial(source, partial, node)


def _of_lambda(source: Source, place: str, function: cst.Lambda) -> Iterator[Proposal]:
    call, taken, inside = _map_of(source, function), function.params.params, source.occurrences(place, function.body)
    is_plain = function.params.deep_equals(cst.Parameters(taken)) and all(each.default is None for each in taken)
    if call is None or not is_plain or len(taken) != 1 or any(map(source.stored, inside)):
        return
    if len(source.occurrences(place, call)) > len(inside):
        return
    if any(always_evaluated(source, node, function) for node in inside):
        part = source.fresh(source.scope(call), "part", f"{stem_of(place)}_part")
        edits = [source.insert(source.end(taken[-1]), f", {part}"), *(source.replace(node, part) for node in inside)]
        yield from _split(source, place, call, edits, "the lambda")


def _of_function(site: Site, place: str, function: cst.FunctionDef) -> Iterator[Proposal]:
    """The same for a nested function that is used for nothing else."""
    source, name = site.source, site.reading.subject
    used = source.occurrences(name, source.scope(function))
    call = _map_of(source, used[0]) if len(used) == 1 and source.start(used[0])[0] == site.error.line else None
    taken = takes_one_more(source, function, place)
    if call is not None and taken is not None and len(parameters(function.params)) == 1:
        yield from _split(source, place, call, [taken], f'"{name}"')


def _of_partial(source: Source, partial: cst.Call, node: cst.BaseExpression) -> Iterator[Proposal]:
    """The same for a `partial` that has nothing but the value: `pool.map(f, parts, ts)`, or a lambda for a keyword."""
    call = _map_of(source, partial)
    if call is None or path_of(partial.func) not in PARTIAL or len(partial.args) != 2 or "#" in source.code(partial):
        return
    called, given = partial.args
    place, code = source.code(node), source.code(called.value)
    if path_of(called.value) is None or given.value is not node or len(source.occurrences(place, call)) > 1:
        return
    imports = _imports_for(source, partial.func)
    if given.keyword is None:
        edits = [source.replace(partial, code), *imports]
        yield from _split(source, place, call, edits, f'"{code}"', comes_first=True)
    elif not any(word.startswith(_OTHER_PROCESSES) for word in source.words):
        scope, stem = source.scope(call), stem_of(place)
        item, part = (source.fresh(scope, word, f"{stem}_{word}") for word in ("item", "part"))
        text = f"lambda {item}, {part}: {code}({item}, {given.keyword.value}={part})"
        yield from _split(source, place, call, [source.replace(partial, text), *imports], f'"{code}"')


def _imports_for(source: Source, name: cst.BaseExpression) -> Iterator[Edit]:
    """The edit that leaves out an import that is of no use without a name: it imports that, and nothing else."""
    wanted = path_of(name) or ""
    for each in source.imports if len(source.mentions(wanted)) == 1 else ():
        statement = source.statement(each)
        if isinstance(statement, cst.SimpleStatementLine) and source.code(each) == f"from functools import {wanted}":
            yield source.without(statement)


def _map_of(source: Source, function: cst.BaseExpression) -> cst.Call | None:
    """The call of `map` that a function is given to, with one iterable for its one parameter."""
    argument = source.parent(function)
    call = source.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or (path_of(call.func) or "").rpartition(".")[2] != "map":
        return None
    iterables = [each for each in call.args if each.keyword is None]
    if len(iterables) != 2 or any(each.star for each in call.args):
        return None
    return call if iterables[0] is argument else None


def _split(
    source: Source, place: str, call: cst.Call, edits: Sequence[Edit], what: str, *, comes_first: bool = False
) -> Iterator[Proposal]:
    """`edits`: what makes the function take its part. `comes_first`: whether it takes that before the other."""
    scope, statement = source.scope(call), source.statement(call)
    iterable = call.args[1].value
    rounds = rounds_of(source, iterable)
    if statement is None or rounds is None or iterable.lpar or not can_come_before(source, call):
        return
    after = uses_after(source, place, scope, statement, source.occurrences(place, call))
    if after is None:
        return
    stem, written = stem_of(place), source.as_written(place)
    parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("parts", "rest"))
    title = f'split "{place}" evenly between the calls of {what}'
    if after:
        title += " and what follows them"
    yield Proposal(
        title,
        (
            *edits,
            source.lines_before(statement, rounds.split(written, parts, rest if after else None)),
            source.insert(source.start(iterable), f"{parts}, ")
            if comes_first
            else source.one_more(source.end(iterable), parts),
            *(source.replace(node, rest) for node in after),
        ),
        empties=written,
    )
