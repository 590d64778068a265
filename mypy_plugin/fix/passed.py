"""A nested function that captured a value, and is called more than once: it takes the value as a parameter instead.

Then each call can be given a part, as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from .attempts import split_per_turn
from .edits import Edit, Proposal, apply, between
from .fan_out import split_between
from .merge_back import lend_and_merge_back
from .rounds import split_per_round
from .site import Site
from .source import Source, parameters, parsed, path_of

__all__ = ["pass_it_in", "takes_one_more"]

_SPLITS = (split_between, split_per_round, split_per_turn, lend_and_merge_back)


def pass_it_in(site: Site) -> Iterator[Proposal]:
    """`one(t) for t in ts`: `def one(t: str, b: Budget)`, and `one(t, part) for t, part in zip(ts, parts)`."""
    source, place = site.source, site.reading.place
    if not site.reading.captured or not place.isidentifier():
        return
    for function in source.functions(site.reading.subject):
        calls = _calls_of(source, function)
        taken = takes_one_more(source, function, place)
        reported = [index for index, call in enumerate(calls) if source.start(call)[0] == site.error.line]
        exact = [index for index in reported if source.start(calls[index])[1] == site.error.column]
        if taken is None or not reported:
            continue
        text = apply(source.text, [taken, *(_given(source, call, place) for call in calls)])
        passed = parsed(source.path, text)
        if passed is None:
            continue
        again = passed.functions(site.reading.subject)[source.functions(site.reading.subject).index(function)]
        line, column = passed.start(_calls_of(passed, again)[(exact or reported)[-1]].args[-1].value)
        error = replace(site.error, line=line, column=column)
        reading = replace(site.reading, captured=False, subject=place, splits=True)
        for split in _SPLITS:
            for each in split(Site(passed, error, reading, site.files)):
                title = f'pass "{place}" to "{site.reading.subject}", and {each.title}'
                elsewhere = [edit for edit in each.edits if edit.path != source.path]
                here = between(source.path, source.text, apply(text, each.edits_of(source.path)))
                yield replace(each, title=title, edits=(*here, *elsewhere))


def takes_one_more(source: Source, function: cst.FunctionDef, place: str) -> Edit | None:
    """The parameter by which a nested function takes what it captured; None if it cannot, or has no type to show."""
    outer, params = source.scope(function), function.params
    name = _class_of(source, place, outer)
    plain = [*params.posonly_params, *params.params, *params.kwonly_params]
    captured = source.occurrences(place, function.body)
    if (
        name is None
        or function.decorators
        or function.type_parameters is not None
        or parameters(params) != plain
        or any(each.default for each in plain)
    ):
        return None
    if source.binds(function, place) or any(map(source.stored, captured)):
        return None
    if plain:
        annotation = plain[-1].annotation
        end = source.span(annotation.annotation)[1] if annotation is not None else source.end(plain[-1])
        return source.one_more(end, f"{place}: {name}")
    opening = source.text.index("(", source.lines.offset(source.end(function.name)))
    return source.insert(source.lines.position(opening + 1), f"{place}: {name}")


def _class_of(source: Source, place: str, scope: cst.CSTNode) -> str | None:
    """The type of a variable of a function, if that is written in it: declared, or made by calling its class."""
    if not isinstance(scope, cst.FunctionDef):
        return None
    declared = [each for each in parameters(scope.params) if each.name.value == place]
    stored = [node for node in source.occurrences(place, scope.body) if source.stored(node)]
    if len(declared) + len(stored) != 1:
        return None
    if declared:
        annotation = declared[0].annotation
        return source.code(annotation.annotation) if annotation is not None else None
    around = source.parent(stored[0])
    if isinstance(around, cst.AnnAssign):
        return source.code(around.annotation.annotation)
    assign = source.given_once(stored[0])
    made = path_of(assign.value.func) if assign is not None and isinstance(assign.value, cst.Call) else None
    return made if made is not None and made.rpartition(".")[2][:1].isupper() else None


def _calls_of(source: Source, function: cst.FunctionDef) -> list[cst.Call]:
    """The calls of a nested function, if nobody does anything else with it; else none."""
    outer, found = source.scope(function), list[cst.Call]()
    for node in source.occurrences(function.name.value, outer):
        call = source.parent(node)
        if not isinstance(call, cst.Call) or call.func is not node:
            return []
        if any(each.star or isinstance(each.value, cst.GeneratorExp) for each in call.args):
            return []
        found.append(call)
    return found if isinstance(outer, cst.FunctionDef) else []


def _given(source: Source, call: cst.Call, place: str) -> Edit:
    """One more argument for a call."""
    text = f"{place}={place}" if any(each.keyword for each in call.args) else place
    if call.args:
        return source.one_more(source.span(call.args[-1].value)[1], text)
    line, column = source.span(call)[1]
    return source.insert((line, column - 1), text)
