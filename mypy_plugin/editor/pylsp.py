"""The add-on for python-lsp-server: quick fixes for the errors of ours that pylsp-mypy shows.

mypy runs with the options that pylsp-mypy gives it: its configuration file, `strict`, `overrides`. Only what is
imported is checked in full here, too, whatever pylsp-mypy's `follow-imports` says, so that a fix is seen to break it.

Settings, under `pylsp.plugins.budget_types`: `enabled`, and `wait`, the seconds that somebody who asks for the menu
waits for an answer at most.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import TimeoutError as TookTooLong
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pylsp import hookimpl, uris

from .helper import Helper
from .protocol import Offer, Question

__all__ = ["pylsp_code_actions", "pylsp_lint", "pylsp_settings", "pylsp_shutdown"]

log = logging.getLogger(__name__)

_F = TypeVar("_F", bound=Callable[..., Any])
_implements: Final[Callable[[_F], _F]] = hookimpl
_implements_first: Final[Callable[[_F], _F]] = hookimpl(tryfirst=True)
_wraps: Final[Callable[[_F], _F]] = hookimpl(hookwrapper=True)

_QUICK_FIX: Final = "quickfix"
_AUTOMATIC: Final = 2
"""The `triggerKind` of what an editor asks by itself."""
_WAIT: Final = 5.0

_helpers: Final[dict[str, Helper]] = {}
"""By the directory that is open."""
_lock: Final = threading.Lock()


@_implements
def pylsp_settings(config: Any) -> dict[str, Any]:
    """The defaults."""
    return {"plugins": {"budget_types": {"enabled": True, "wait": _WAIT}}}


@_wraps
def pylsp_lint(config: Any, workspace: Any, document: Any, is_saved: bool) -> Generator[None, Any, None]:
    """Get ready as soon as a check reports something that may be mended."""
    outcome = yield
    try:
        if outcome.excinfo is not None:
            return
        _forget(workspace)
        if any(_is_ours(each) for found in outcome.get_result() for each in found):
            _helper(workspace).ask(Question(_options(config, workspace), workspace.root_path, document.path))
    except Exception:
        log.exception("budget-types: cannot get ready")


@_implements_first
def pylsp_code_actions(
    config: Any, workspace: Any, document: Any, range: Mapping[str, Any], context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The fixes for what is reported on the lines of `range`."""
    try:
        ours = [each for each in context.get("diagnostics") or () if _is_ours(each) and _touches(each, range)]
        if not ours or not _wanted(context) or not Path(document.path).is_file():
            return []
        return _actions(config, workspace, document, ours, is_automatic=context.get("triggerKind") == _AUTOMATIC)
    except Exception:
        log.exception("budget-types: cannot look for fixes")
        return []


@_implements
def pylsp_shutdown(config: Any, workspace: Any) -> None:
    """Leave no process behind."""
    with _lock:
        helpers = [*_helpers.values()]
        _helpers.clear()
    for helper in helpers:
        helper.close()


def _forget(workspace: Any) -> None:
    with _lock:
        helper = _helpers.get(workspace.root_path)
    if helper is not None:
        helper.forget()


def _actions(
    config: Any, workspace: Any, document: Any, diagnostics: Iterable[Mapping[str, Any]], *, is_automatic: bool
) -> list[dict[str, Any]]:
    helper = _helper(workspace)
    texts = tuple(sorted((each.path, each.source) for each in _open(workspace)))
    base = Question(_options(config, workspace), workspace.root_path, document.path, texts)
    asked = [(each, helper.ask(_about(each, base))) for each in diagnostics]
    wait = 0.0 if is_automatic else float(config.plugin_settings("budget_types").get("wait", _WAIT))
    end = time.monotonic() + wait
    actions: list[dict[str, Any]] = []
    for diagnostic, future in asked:
        try:
            answer = future.result(max(0.0, end - time.monotonic()))
        except TookTooLong:
            if not is_automatic:
                workspace.show_message("budget-types is still looking for fixes: ask again in a moment")
            break
        if answer.failure:
            log.warning("budget-types: no fixes: %s", answer.failure)
        actions += [
            {
                "title": offer.title,
                "kind": _QUICK_FIX,
                "diagnostics": [diagnostic],
                "isPreferred": offer is answer.offers[0],
                "edit": _edit(offer, workspace, config),
            }
            for offer in answer.offers
        ]
    return actions


def _about(diagnostic: Mapping[str, Any], base: Question) -> Question:
    start = diagnostic["range"]["start"]
    return Question(
        base.options,
        base.root,
        base.path,
        base.texts,
        code=diagnostic["code"],
        message=diagnostic["message"],
        line=start["line"],
        column=start["character"],
    )


def _is_ours(diagnostic: Mapping[str, Any]) -> bool:
    return diagnostic.get("source") == "mypy" and "code" in diagnostic and diagnostic["code"] in _our_codes()


@cache
def _our_codes() -> frozenset[str]:
    from ..wording.message import Code

    return frozenset(code.value for code in Code)


def _touches(diagnostic: Mapping[str, Any], range: Mapping[str, Any]) -> bool:
    """By lines: editors that know only where the cursor is mean its line."""
    there: Mapping[str, Any] = diagnostic["range"]
    return bool(
        there["start"]["line"] <= range["end"]["line"] and range["start"]["line"] <= there["end"]["line"],
    )


def _wanted(context: Mapping[str, Any]) -> bool:
    """Whether quick fixes are among the kinds of actions that are asked for."""
    only = context.get("only")
    return only is None or any(kind in ("", _QUICK_FIX) for kind in only)


def _open(workspace: Any) -> Iterable[Any]:
    """The documents of an editor that are files of Python; a cell of a notebook is none."""
    return [each for each in [*workspace.documents.values()] if getattr(each, "path", "").endswith((".py", ".pyi"))]


def _options(config: Any, workspace: Any) -> tuple[str, ...]:
    """What pylsp-mypy tells mypy."""
    settings = config.plugin_settings("pylsp_mypy")
    options = []
    file = _configuration(workspace.root_path)
    if file is not None:
        options += ["--config-file", file]
    if settings.get("strict", False):
        options.append("--strict")
    overrides = settings.get("overrides", [True])
    # `True` stands for what is given by default.
    at = overrides.index(True) if True in overrides else None
    given = overrides if at is None else [*overrides[:at], *options, *overrides[at + 1 :]]
    return (*map(str, given), "--follow-imports", "normal")


def _configuration(root: str) -> str | None:
    """The configuration file that pylsp-mypy has found for a directory."""
    try:
        from pylsp_mypy.plugin import mypyConfigFileMap  # type: ignore[import-untyped]
    except ImportError:
        return None
    found: str | None = mypyConfigFileMap.get(root)
    return found


def _helper(workspace: Any) -> Helper:
    root = workspace.root_path
    with _lock:
        if root not in _helpers:
            _helpers[root] = Helper()
        return _helpers[root]


def _edit(offer: Offer, workspace: Any, config: Any) -> dict[str, Any]:
    """What to change, in the form that the editor understands."""
    documents = {os.path.realpath(each.path): each for each in _open(workspace)}
    edits: dict[str, list[dict[str, Any]]] = {}
    versions: dict[str, int | None] = {}
    for change in offer.changes:
        document = documents.get(os.path.realpath(change.path))
        uri = document.uri if document is not None else uris.from_fs_path(change.path)  # type: ignore[no-untyped-call]
        versions[uri] = document.version if document is not None else None
        edits.setdefault(uri, []).append(
            {"range": {"start": _place(change.start), "end": _place(change.end)}, "newText": change.text}
        )
    capabilities = ((config.capabilities or {}).get("workspace") or {}).get("workspaceEdit") or {}
    if capabilities.get("documentChanges"):
        return {
            "documentChanges": [
                {"textDocument": {"uri": uri, "version": versions[uri]}, "edits": each} for uri, each in edits.items()
            ]
        }
    return {"changes": edits}


def _place(position: tuple[int, int]) -> dict[str, int]:
    line, character = position
    return {"line": line, "character": character}
