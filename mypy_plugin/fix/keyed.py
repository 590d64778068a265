"""One value for as many owners as a dict has keys: split it, and give each key a part.

A key may come more than once, and has one value all the same. So the keys are counted, and not the rounds.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .edits import Proposal
from .rounds import can_come_before, is_evaluated_first, on_one_line, uses_after
from .site import Site
from .sizes import Rounds
from .source import Source, levels, path_of, stem_of

__all__ = ["split_per_key"]


def split_per_key(site: Site) -> Iterator[Proposal]:
    """`{name: b for name in names}`, `dict.fromkeys(names, b)`: `dict(zip(keys, b.split_evenly(len(keys))))`."""
    source, place = site.source, site.reading.place
    for node in source.mentions(place):
        if source.start(node)[0] != site.error.line and node is not site.node:
            continue
        around = source.parent(node)
        if isinstance(around, cst.DictComp) and around.value is node and site.reading.round is not None:
            if not _is_distinct(around):
                yield from _split(source, place, around, _keys_of(source, around))
        elif isinstance(around, cst.Arg) and site.reading.repeated:
            call = source.parent(around)
            if not isinstance(call, cst.Call) or path_of(call.func) != "dict.fromkeys" or "#" in source.code(call):
                continue
            if call.args[1:] == (around,):
                yield from _split(source, place, call, f"dict.fromkeys({source.whole(call.args[0].value)})")


def _split(source: Source, place: str, whole: cst.BaseExpression, keys: str) -> Iterator[Proposal]:
    statement, inside = source.statement(whole), source.occurrences(place, whole)
    if statement is None or len(inside) != 1 or whole.lpar:
        return
    if not can_come_before(source, whole) or not is_evaluated_first(source, whole):
        return
    scope = source.scope(whole)
    after = uses_after(source, place, scope, statement, inside)
    if after is None:
        return
    stem, written = stem_of(place), source.as_written(place)
    name, parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("keys", "parts", "rest"))
    rounds = Rounds(f"len({name})", name)
    title = f'split "{place}" evenly between the keys of the dict'
    if after:
        title += " and what follows it"
    yield Proposal(
        title,
        (
            source.lines_before(statement, f"{name} = {keys}", rounds.split(written, parts, rest if after else None)),
            source.replace(whole, f"dict(zip({name}, {parts}))"),
            *(source.replace(node, rest) for node in after),
        ),
        empties=written,
    )


def _keys_of(source: Source, whole: cst.DictComp) -> str:
    """The keys of a comprehension, each of them once: on one line, unless a comment would be lost with the others."""
    level, code = whole.for_in, source.code(whole)
    is_loops_own = path_of(whole.key) == path_of(level.target) and not level.ifs and level.inner_for_in is None
    if is_loops_own and "#" not in code:
        return f"dict.fromkeys({source.whole(level.iter)})"
    begin = source.lines.offset(source.start(whole))
    key, value = (source.lines.offset(source.span(each)[1]) - begin for each in (whole.key, whole.value))
    keys = code[1:key] + code[value:-1]
    return f"dict.fromkeys({on_one_line(keys.strip()) or keys})"


def _is_distinct(whole: cst.DictComp) -> bool:
    """Whether each round surely has another key, or nobody can tell before: then the rounds are what is counted."""
    level = whole.for_in
    if any(each.asynchronous is not None for each in levels(whole)):
        return True
    if level.inner_for_in is not None:
        return False
    call, target, key = level.iter, level.target, path_of(whole.key)
    if isinstance(call, (cst.List, cst.Tuple, cst.Set)):
        # Whoever wrote them out has seen whether one comes twice.
        return True
    if not isinstance(call, cst.Call) or key is None:
        return False
    first = target.elements[0].value if isinstance(target, cst.Tuple) else target
    function = path_of(call.func) or ""
    return path_of(first) == key and (
        function in {"range", "enumerate"} or function.rpartition(".")[2] in {"items", "keys"}
    )
