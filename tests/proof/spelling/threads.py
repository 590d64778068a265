"""Threads, and what executors are given to do."""

from __future__ import annotations

from ..language.functions import Named
from ..language.threads import (
    Add,
    Answer,
    EachOf,
    JoinThread,
    MakeThread,
    Mapped,
    Pool,
    Results,
    Several,
    SeveralOf,
    StartThread,
    Submit,
    Threaded,
    WaitAnswers,
)
from .library import FUNCTIONS
from .loops import body_of_loop, loops
from .places import DICTS, has_keys, spelled, values_of
from .writer import Rows, Two, Writer

__all__ = ["ROWS"]


def _call_in_thread(w: Writer, node: Threaded | Named) -> tuple[str, str, str]:
    """The function, the argument, and what their call is to the twin."""
    if isinstance(node, Named):
        return node.name, "", f"t.thread_of({w.line}, {node.name})"
    (takes,) = FUNCTIONS[node.function].takes
    typed, twin = w.value(node.argument, {"lend": "loan", "share": "shared_loan"}.get(takes, takes))
    return node.function, typed, f"t.coroutine(t.begin(), {twin})"


def _made(w: Writer, call: Threaded | Named, pool: str | None, *, listed: bool = False) -> Two:
    """A thread that has not been started, or what a pool is given to do. `listed`: it goes into a list."""
    function, argument, twin = _call_in_thread(w, call)
    if pool is None:
        given = f", args=({argument},)" if argument else ""
        return f"Thread(target={function}{given})", f"t.thread({w.r}, {twin}, {int(listed)})"
    found = f"t.maybe_raise({w.r_of_field})"
    given = f", {argument}" if argument else ""
    return f"{pool}.submit({function}{given})", f"t.second({found}, t.start({w.r}, {twin}, {pool}))"


def _make_thread(w: Writer, node: MakeThread) -> None:
    typed, twin = _made(w, node.call, None)
    w.put(f"{node.name} = {typed}", f"{node.name} = {twin}")


def _start_thread(w: Writer, node: StartThread) -> None:
    typed, twin = _thread(w, node)
    found = f"t.maybe_raise({w.r_of_field})"
    w.put(f"{typed}.start()", f"x = {twin}; t.second({found}, t.start({w.r}, t.run({w.line}, x)))")


def _join_thread(w: Writer, node: JoinThread) -> None:
    typed, twin = _thread(w, node)
    limit = "1" if node.limited else ""
    w.put(f"{typed}.join({limit})", f"t.join_thread({w.r}, {twin}, {int(node.limited)})")


def _thread(w: Writer, node: StartThread | JoinThread) -> Two:
    if node.keyed:
        return f'{node.name}["k0"]', f"t.pick({w.r}, {node.name}, False, has_others=False)"
    return w.called.get(node.name, node.name), node.name


def _pool(w: Writer, node: Pool) -> None:
    w.put(f"with ThreadPoolExecutor() as {node.name}:", f"with t.group({w.r}) as {node.name}:")
    w.block(node.body)
    w.put_twin("t.changed = True")


def _submit(w: Writer, node: Submit) -> None:
    typed, twin = _made(w, node.call, node.pool)
    w.put(f"{node.name} = {typed}", f"{node.name} = {twin}")


def _answer(w: Writer, node: Answer) -> Two:
    waited = f"t.wait({w.r}, {node.name})"
    if node.limited:
        return f"{node.name}.result(1)", f"(t.maybe_raise({w.r}), {waited})"
    return f"{node.name}.result()", waited


def _mapped(w: Writer, node: Mapped) -> Two:
    uses = {"lend": "loan_of_each", "share": "shared_loan_of_each", "take": "move"}
    over = f"{spelled(node.source)}{'.values()' if node.source.path[0] in DICTS else ''}"
    mapped = f"t.coroutine(t.begin(), {w.use(uses[node.function], node.source)})"
    started = f"t.second(t.maybe_raise({w.r_of_field}), t.start({w.r}, {mapped}, {node.pool}))"
    return f"len(list({node.pool}.map({node.function}, {over})))", f"t.gather({w.r}, {started})"


def _several(w: Writer, node: Several) -> None:
    typed = f"list[{'Future[int]' if node.name.startswith('u') else 'Thread'}] = []"
    if has_keys(node.name):
        typed = "dict[str, Thread] = {}"
    w.put(f"{node.name}: {typed}", f"{node.name} = []; t.changed = True")


def _several_of(w: Writer, node: SeveralOf) -> None:
    typed, twin = loops(w, node, _made(w, node.call, node.pool, listed=True))
    w.put(f"{node.name} = [{typed}]", f"{node.name} = [{twin}]; t.changed = True")


def _add(w: Writer, node: Add) -> None:
    found = f"t.maybe_raise({w.r_of_field})"
    typed, twin = (node.member, node.member) if isinstance(node.member, str) else _made(w, node.member, node.pool)
    if has_keys(node.several):
        # An entry that is assigned again is taken for another one, which is a known hole.
        w.put(f'{node.several}["k0"] = {typed}', f"t.join(0, 0, {node.several}, {twin})")
        return
    w.put(f"{node.several}.append({typed})", f"t.join({w.r}, {found}, {node.several}, {twin})")


def _each_of(w: Writer, node: EachOf) -> None:
    target = node.target
    typed, how = (f"as_completed({node.several})", "completed") if node.completed else (values_of(node.several), "job")
    if node.over == "keys":
        typed, w.called[target] = node.several, f"{node.several}[{target}]"
    elif node.over == "items":
        target, typed = f"_, {target}", f"{node.several}.items()"
    w.put(f"for {target} in {typed}:", f"for {node.target} in t.each_{how}({w.r}, {node.several}):")
    body_of_loop(w, node.body, node.otherwise)


def _results(w: Writer, node: Results) -> Two:
    one, over = node.target, f"t.each_job({w.r}, {node.several})"
    return f"len([{one}.result() for {one} in {node.several}])", f"[t.wait({w.r}, {one}) for {one} in {over}]"


def _wait_answers(w: Writer, node: WaitAnswers) -> Two:
    limit, waited = (", 1", f"t.wait({w.r})") if node.limited else ("", f"t.wait({w.r}, *{node.several})")
    return f"len(wait({node.several}{limit})[0])", waited


ROWS = Rows(
    statements={
        MakeThread: _make_thread,
        StartThread: _start_thread,
        JoinThread: _join_thread,
        Pool: _pool,
        Submit: _submit,
        Several: _several,
        SeveralOf: _several_of,
        Add: _add,
        EachOf: _each_of,
    },
    numbers={Answer: _answer, Mapped: _mapped, Results: _results, WaitAnswers: _wait_answers},
)
