"""Threads, and what executors are given to do."""

from __future__ import annotations

from ..language.functions import Named
from ..language.threads import Answer, JoinThread, MakeThread, Mapped, Pool, StartThread, Submit, Threaded
from .library import FUNCTIONS
from .places import DICTS, spelled
from .writer import Rows, Two, Writer

__all__ = ["ROWS"]


def _call_in_thread(w: Writer, node: Threaded | Named) -> tuple[str, str, str]:
    """The function, the argument, and what their call is to the twin."""
    if isinstance(node, Named):
        return node.name, "", f"t.thread_of({w.line}, {node.name})"
    (takes,) = FUNCTIONS[node.function].takes
    typed, twin = w.value(node.argument, {"lend": "loan", "share": "shared_loan"}.get(takes, takes))
    return node.function, typed, f"t.coroutine(t.begin(), {twin})"


def _make_thread(w: Writer, node: MakeThread) -> None:
    function, argument, twin = _call_in_thread(w, node.call)
    given = f", args=({argument},)" if argument else ""
    w.put(f"{node.name} = Thread(target={function}{given})", f"{node.name} = t.thread({w.r}, {twin})")


def _start_thread(w: Writer, node: StartThread) -> None:
    found = f"t.maybe_raise({w.r_of_field})"
    started = f"t.start({w.r}, t.run({w.line}, {node.name}))"
    w.put(f"{node.name}.start()", f"t.second({found}, {started})")


def _join_thread(w: Writer, node: JoinThread) -> None:
    limit = "1" if node.limited else ""
    w.put(f"{node.name}.join({limit})", f"t.join_thread({w.r}, {node.name}, {int(node.limited)})")


def _pool(w: Writer, node: Pool) -> None:
    w.put(f"with ThreadPoolExecutor() as {node.name}:", f"with t.group({w.r}) as {node.name}:")
    w.block(node.body)
    w.put_twin("t.changed = True")


def _submit(w: Writer, node: Submit) -> None:
    found = f"t.maybe_raise({w.r_of_field})"
    function, argument, twin = _call_in_thread(w, node.call)
    given = f", {argument}" if argument else ""
    w.put(
        f"{node.name} = {node.pool}.submit({function}{given})",
        f"{node.name} = t.second({found}, t.start({w.r}, {twin}, {node.pool}))",
    )


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


ROWS = Rows(
    statements={
        MakeThread: _make_thread,
        StartThread: _start_thread,
        JoinThread: _join_thread,
        Pool: _pool,
        Submit: _submit,
    },
    numbers={Answer: _answer, Mapped: _mapped},
)
