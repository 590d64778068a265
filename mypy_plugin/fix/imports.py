"""Names of a module in the spelling that a file has for them, and the import that this takes."""

from __future__ import annotations

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor

from .edits import Edit
from .source import Source, path_of

__all__ = ["spelling"]


def spelling(source: Source, module: str, name: str) -> tuple[str, list[Edit]]:
    """How `name` of `module` is to be written in a file, and what has to be added to its imports for that."""
    whole = None
    for node in _module_level(source):
        if isinstance(node, cst.ImportFrom) and not node.relative and node.module and path_of(node.module) == module:
            if isinstance(node.names, cst.ImportStar):
                return name, []
            for each in node.names:
                if path_of(each.name) == name:
                    return (path_of(each.asname.name) if each.asname else None) or name, []
        elif isinstance(node, cst.Import):
            for each in node.names:
                if path_of(each.name) == module:
                    whole = (path_of(each.asname.name) if each.asname else None) or module
    if whole is not None:
        return f"{whole}.{name}", []
    if not source.is_free(name):
        # Something else has the name here.
        return name, []
    return name, [_import(source, module, name)]


def _module_level(source: Source) -> list[cst.CSTNode]:
    found: list[cst.CSTNode] = []
    pending: list[cst.CSTNode] = list(source.module.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            found.append(node)
        elif not isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            pending = [*source.children(node), *pending]
    return found


def _import(source: Source, module: str, name: str) -> Edit:
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, module, name)
    old = source.module.code
    new = AddImportsVisitor(context).transform_module(source.module).code
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    # What is added may end as what stands before it does: never let the two ends meet.
    shared = 0
    while shared < len(old) - first and old[-1 - shared] == new[-1 - shared]:
        shared += 1
    shift = len(source.text) - len(old)
    start = source.lines.position(first + shift)
    end = source.lines.position(len(old) - shared + shift)
    return Edit(source.path, start, end, new[first : len(new) - shared])
