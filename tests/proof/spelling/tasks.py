"""Coroutines, tasks, groups of them, and containers of tasks."""

from __future__ import annotations

from ..language.tasks import (
    Begun,
    CoroutineOf,
    Each,
    Gather,
    GatherAll,
    GatherEach,
    Gathered,
    Group,
    Jobs,
    JobsOf,
    Join,
    Keep,
    Kept,
    Limit,
    Pick,
    Picked,
    Result,
    Start,
    Wait,
    WaitAll,
    WaitGathered,
)
from .library import FUNCTIONS
from .loops import body_of_loop, loops
from .places import has_keys, values_of
from .writer import Rows, Two, Writer

__all__ = ["ROWS"]

_SORTS = {
    "j": ("list[asyncio.Task[int]]", "[]", "jobs"),
    "m": ("dict[str, asyncio.Task[int]]", "{}", "jobs_by_key"),
    "s": ("set[asyncio.Task[int]]", "set()", "jobs_in_set"),
}
"""Containers of tasks, by how their names begin: the type, an empty one, and the function that gives one."""


def _wait(w: Writer, node: Wait) -> Two:
    if isinstance(node.task, str):
        typed, twin = w.called.get(node.task, node.task), node.task
    elif isinstance(node.task, Picked):
        typed, twin = _picked(w, node.task)
    else:
        typed, twin = _coroutine(w, node.task)
    if node.how == "shield":
        # What is behind it goes on when it fails, as with `gather`.
        return f"(await asyncio.shield({typed}))", f"t.gather({w.r}, {twin})"
    if node.how == "wait_for":
        typed = f"asyncio.wait_for({typed}, 1)"
    return f"(await {typed})", f"t.wait({w.r}, {twin})"


def _coroutine(w: Writer, node: Begun) -> Two:
    if isinstance(node, Kept):
        return node.name, f"t.run({w.line}, {node.name})"
    if isinstance(node, CoroutineOf):
        return f"{node.name}()", f"t.coroutine_of({w.line}, {node.name})"
    (takes,) = FUNCTIONS[node.function].takes
    typed, twin = w.value(node.argument, {"lend": "loan", "share": "shared_loan"}.get(takes, takes))
    return f"{node.function}({typed})", f"t.coroutine(t.begin(), {twin})"


def _keep(w: Writer, node: Keep) -> None:
    typed, twin = _coroutine(w, node.call)
    w.put(f"{node.name} = {typed}", f"{node.name} = t.keep_coroutine({twin})")


def _start(w: Writer, node: Start) -> None:
    typed, twin = _started(w, node.call, node.group)
    w.put(f"{node.task} = {typed}", f"{node.task} = {twin}")


def _started(w: Writer, call: Begun, group: str | None) -> Two:
    typed, twin = _coroutine(w, call)
    if group is None:
        return f"asyncio.create_task({typed})", f"t.create({twin})"
    found = f"t.maybe_raise({w.r_of_field})"
    return f"{group}.create_task({typed})", f"t.second({found}, t.start({w.r}, {twin}, {group}))"


def _make_jobs(w: Writer, node: Jobs) -> None:
    kind, empty, made = _SORTS[node.name[0]]
    if node.empty:
        # `set()` is a call.
        twin = f"t.jobs({w.r})" if "(" in empty else "[]; t.changed = True"
        w.put(f"{node.name}: {kind} = {empty}", f"{node.name} = {twin}")
    else:
        w.put(f"{node.name} = {made}()", f"{node.name} = t.jobs({w.r})")


def _make_jobs_of(w: Writer, node: JobsOf) -> None:
    typed, twin = loops(w, node, _started(w, node.call, node.group))
    w.put(f"{node.name} = [{typed}]", f"{node.name} = [{twin}]; t.changed = True")


def _join(w: Writer, node: Join) -> None:
    if isinstance(node.task, str):
        typed, twin = w.called.get(node.task, node.task), node.task
    else:
        typed, twin = _started(w, node.task, node.group)
    if has_keys(node.jobs):
        # An entry that is assigned again is taken for another one, which is a known hole.
        w.put(f'{node.jobs}["k0"] = {typed}', f"t.join(0, 0, {node.jobs}, {twin})")
        return
    w.put(
        f"{node.jobs}.{'add' if node.jobs.startswith('s') else 'append'}({typed})",
        f"t.join({w.r}, t.maybe_raise({w.r_of_field}), {node.jobs}, {twin})",
    )


def _pick(w: Writer, node: Pick) -> None:
    typed, twin = _picked(w, node.picked)
    w.put(f"{node.task} = {typed}", f"{node.task} = {twin}")


def _picked(w: Writer, node: Picked) -> Two:
    key = '"k0"' if has_keys(node.jobs) else "" if node.leaves else "0"
    typed = f"{node.jobs}.pop({key})" if node.leaves else f"{node.jobs}[{key}]"
    return typed, f"t.pick({w.r}, {node.jobs}, {node.leaves})"


def _each(w: Writer, node: Each) -> None:
    target, over = node.task, values_of(node.jobs)
    if node.over == "keys":
        over, w.called[node.task] = node.jobs, f"{node.jobs}[{node.task}]"
    elif node.over == "items":
        target, over = f"_, {node.task}", f"{node.jobs}.items()"
    w.put(f"for {target} in {over}:", f"for {node.task} in t.each_job({w.r}, {node.jobs}):")
    body_of_loop(w, node.body, node.otherwise)


def _group(w: Writer, node: Group) -> None:
    w.put(f"async with asyncio.TaskGroup() as {node.name}:", f"with t.group({w.r}) as {node.name}:")
    w.block(node.body)
    w.put_twin("t.changed = True")


def _limit(w: Writer, node: Limit) -> None:
    w.put("async with asyncio.timeout(1):", f"with t.manager({w.r}, 0):")
    w.block(node.body)
    w.put_twin("t.changed = True")


def _result(w: Writer, node: Result, use: str) -> Two:
    # Who only waits takes nothing, and may do so after the coin was taken.
    waited = f"t.wait({w.r}, {node.task})"
    return f"(await {node.task})", waited if use == "look" else f"t.result({w.line}, {w.r}, {node.task})"


def _gather(w: Writer, node: Gather) -> Two:
    typed, twin = _side_by_side(w, node)
    # If one that is gathered alone fails, there is no other.
    waits = "wait" if node.patient or len(node.calls) == 1 else "gather"
    return f"len(await asyncio.gather({typed}))", f"t.{waits}({w.r}, {twin})"


def _gathered(w: Writer, node: Gathered) -> None:
    typed, twin = _side_by_side(w, node)
    w.put(f"{node.name} = asyncio.gather({typed})", f"{node.name} = t.side_by_side({twin})")


def _wait_gathered(w: Writer, node: WaitGathered) -> Two:
    typed = f"asyncio.wait_for({node.name}, 1)" if node.how == "wait_for" else node.name
    return f"len(await {typed})", f"t.{'wait' if node.name.startswith('bw') else 'gather'}({w.r}, *{node.name})"


def _side_by_side(w: Writer, node: Gather | Gathered) -> Two:
    made = [_coroutine(w, call) for call in node.calls]
    typed, twin = ", ".join(one[0] for one in made), ", ".join(one[1] for one in made)
    return f"{typed}, return_exceptions=True" if node.patient else typed, twin


def _gather_all(w: Writer, node: GatherAll) -> Two:
    return f"len(await asyncio.gather(*{values_of(node.jobs)}))", f"t.gather({w.r}, *{node.jobs})"


def _gather_each(w: Writer, node: GatherEach) -> Two:
    typed, twin = loops(w, node, _coroutine(w, node.call))
    return f"len(await asyncio.gather(*[{typed}]))", f"t.gather({w.r}, *[{twin}])"


def _wait_all(w: Writer, node: WaitAll) -> Two:
    limit, waited = (", timeout=1", f"t.wait({w.r})") if node.limited else ("", f"t.wait({w.r}, *{node.jobs})")
    if has_keys(node.jobs):
        waited = f"t.second(t.maybe_raise({w.r}), {waited})"
    return f"len((await asyncio.wait({values_of(node.jobs)}{limit}))[0])", waited


ROWS = Rows(
    statements={
        Keep: _keep,
        Gathered: _gathered,
        Start: _start,
        Jobs: _make_jobs,
        JobsOf: _make_jobs_of,
        Join: _join,
        Pick: _pick,
        Each: _each,
        Group: _group,
        Limit: _limit,
    },
    values={Result: _result},
    numbers={
        Wait: _wait,
        Gather: _gather,
        WaitGathered: _wait_gathered,
        GatherAll: _gather_all,
        GatherEach: _gather_each,
        WaitAll: _wait_all,
    },
)
