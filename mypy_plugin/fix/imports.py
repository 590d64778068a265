"""Names of a module in the spelling that a file has for them, and the import that this takes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor

from .edits import Edit
from .source import Source, path_of

__all__ = ["certain_imports", "is_postponed", "spelled", "spelling"]

_DEFINITION = re.compile(r"(@|(async\s+)?def\b|class\b)")


def spelling(
    source: Source, module: str, name: str, *, known_free: bool = False, only_read: bool = False
) -> tuple[str, list[Edit]]:
    """How `name` of `module` is to be written in a file, and what has to be added to its imports for that.

    `known_free`: nothing but what is to be imported has the name, though the text may use it already.
    `only_read`: the name is for type checkers, and not evaluated when the program runs. Otherwise an import that may
    not have happened then, as one for type checkers has not, is of no use.
    """
    whole = there = None
    imports = module_level(source) if only_read else certain_imports(source)
    for node in imports:
        if isinstance(node, cst.ImportFrom) and not node.relative and node.module and path_of(node.module) == module:
            if isinstance(node.names, cst.ImportStar):
                return name, []
            there = there or node
            for each in node.names:
                if path_of(each.name) == name:
                    return (path_of(each.asname.name) if each.asname else None) or name, []
        elif isinstance(node, cst.Import):
            for each in node.names:
                if path_of(each.name) == module:
                    whole = (path_of(each.asname.name) if each.asname else None) or module
    if whole is not None:
        return f"{whole}.{name}", []
    if not known_free and not source.is_free(name):
        # Something else has the name here.
        return name, []
    if there is not None:
        return name, [_beside(source, there, name)]
    elsewhere = [node for node in module_level(source) if node not in imports and _top(node) == module]
    if not elsewhere:
        return name, [_import(source, module, name)]
    if any(isinstance(each, (cst.Try, cst.TryStar)) for node in elsewhere for each in source.around(node)):
        # The program runs without the module, too: without an import, it is seen that the name means nothing.
        return name, []
    return name, [_beneath(source, imports[-1], module, name)] if imports else []


def spelled(source: Source, name: str) -> str:
    """How a file spells a class that it uses already: by another name, or by that of its module."""
    for node in source.imports:
        if isinstance(node.names, cst.ImportStar):
            continue
        for each in node.names:
            if isinstance(node, cst.ImportFrom) and path_of(each.name) == name:
                return (path_of(each.asname.name) if each.asname else None) or name
    if source.is_free(name):
        return next((path for each in source.attributes(name) if (path := path_of(each)) is not None), name)
    return name


def _beside(source: Source, node: cst.ImportFrom, name: str) -> Edit:
    """Another name for an import that is there: where it belongs if they are sorted, one to a line if they are."""
    assert not isinstance(node.names, cst.ImportStar)
    names = list(node.names)
    own_lines = len({source.start(each)[0] for each in names} | {source.start(node)[0]}) == len(names) + 1
    for each in names:
        if _sorted_by(path_of(each.name) or "") > _sorted_by(name):
            line, column = source.start(each)
            between = f"{source.lines.newline}{source.lines.line(line)[:column]}" if own_lines else " "
            return source.insert((line, column), f"{name},{between}")
    last = names[-1]
    line, column = source.start(last)
    indent = source.lines.line(line)[:column]
    if own_lines and "," in source.lines.line(line)[column:]:
        return source.insert((line + 1, 0), f"{indent}{name},{source.lines.newline}")
    return source.insert(source.end(last), f", {name}")


def _sorted_by(name: str) -> tuple[int, str]:
    """Constants, classes, and the rest: as isort and ruff sort what is imported from a module."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()


def is_postponed(source: Source) -> bool:
    """Whether annotations are not evaluated when the program runs."""
    return any(_section(node) == "__future__" and "annotations" in source.code(node) for node in module_level(source))


def certain_imports(source: Source) -> list[cst.CSTNode]:
    """The imports that have happened when the rest of a module runs."""
    found = module_level(source)
    return [node for node in found if all(_is_certain(source, each, node) for each in source.around(node))]


def _is_certain(source: Source, around: cst.CSTNode, node: cst.CSTNode) -> bool:
    """Whether a statement around another one has run that when it is over."""
    if isinstance(around, (cst.Try, cst.TryStar)):
        within = any(each is around.body for each in source.around(node))
        return within and all(_leaves(each) for each in around.handlers)
    return not isinstance(around, (cst.If, cst.For, cst.While, cst.With, cst.Match))


def _leaves(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    last = handler.body.body[-1] if handler.body.body else None
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    call = last.value if isinstance(last, cst.Expr) else None
    return isinstance(last, cst.Raise) or (isinstance(call, cst.Call) and path_of(call.func) in {"exit", "sys.exit"})


def module_level(source: Source) -> list[cst.CSTNode]:
    """The imports of a module that stand in no function and no class."""
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
    if (below := _below_docstring(source, f"from {module} import {name}")) is not None:
        return below
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
    added = new[first : len(new) - shared]
    if start == end and (above := _above_own(source, start[0], added.strip())) is not None:
        return above
    if start == end and start[1] == 0 and _wants_space(source, start[0] - 1, module):
        added = source.lines.newline + added
    if all(_section(node) == "__future__" for node in module_level(source) if source.start(node) < start):
        added += _space_below(source, end[0], added)
    return Edit(source.path, start, end, added)


def _beneath(source: Source, node: cst.CSTNode, module: str, name: str) -> Edit:
    """An import on the line after another one."""
    line, newline = source.end(node)[0], source.lines.newline
    space = newline if _wants_space(source, line, module) else ""
    return source.insert((line + 1, 0), f"{space}from {module} import {name}{newline}")


def _below_docstring(source: Source, added: str) -> Edit | None:
    """Where an import stands if the line of the module's docstring has more statements: libcst would put it above."""
    body = source.module.body
    if not body or source.module.get_docstring() is None or not isinstance(body[0], cst.SimpleStatementLine):
        return None
    last: cst.SimpleStatementLine = body[0]
    if len(last.body) == 1:
        return None
    for each in body[1:]:
        if not isinstance(each, cst.SimpleStatementLine) or not all(map(_is_import, each.body)):
            break
        last = each
    newline, line = source.lines.newline, source.end(last)[0] + 1
    space = "" if _is_import(last.body[-1]) else newline
    if line > len(source.lines.starts):
        return source.insert((line - 1, len(source.lines.line(line - 1))), f"{newline}{space}{added}")
    return source.insert((line, 0), f"{space}{added}{newline}{newline if source.lines.line(line).strip() else ''}")


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.Import, cst.ImportFrom))


def _space_below(source: Source, line: int, added: str) -> str:
    """What is missing of the two empty lines between the only import and a definition below it."""
    newline = source.lines.newline
    empty = len(added) - len(added.rstrip()) - len(newline)
    while line <= len(source.lines.starts) and not source.lines.line(line).strip():
        empty, line = empty + len(newline), line + 1
    is_definition = _DEFINITION.match(source.lines.line(line).lstrip("\ufeff"))
    return newline if is_definition and empty == len(newline) else ""


def _above_own(source: Source, line: int, added: str) -> Edit | None:
    """Where an import would stand below those of the package itself: at the end of what comes before these."""
    imports = [node for node in module_level(source) if source.end(node)[0] < line]
    own = [_is_own(source, node) for node in imports]
    first = own.index(True) if True in own else None
    if first is None or not all(own[first:]):
        return None
    newline, top = source.lines.newline, source.start(imports[first])
    if first and _section(imports[first - 1]) == "other":
        start = (source.end(imports[first - 1])[0] + 1, 0)
        return source.insert(start, f"{added}{newline}") if start <= top else None
    if top[1] or source.lines.line(top[0] - 1).strip():
        # In a block, or below a comment or a line that an empty one does not part it from.
        return None
    return source.insert(top, f"{added}{newline}{newline}")


def _is_own(source: Source, node: cst.CSTNode) -> bool:
    """Whether something is imported from the package that the file is in."""
    return (isinstance(node, cst.ImportFrom) and bool(node.relative)) or _top(node) in Path(source.path).parent.parts


def _wants_space(source: Source, line: int, module: str) -> bool:
    """Whether an empty line belongs between what stands in a line and the import of a module below it."""
    if not (before := source.lines.line(line).strip()) or before.startswith("#"):
        return False
    for node in module_level(source):
        if source.end(node)[0] == line:
            return _section(node) != ("standard" if module.partition(".")[0] in sys.stdlib_module_names else "other")
    return True


def _section(node: cst.CSTNode) -> str:
    """The group that an import is sorted into."""
    first = _top(node)
    return first if first == "__future__" else "standard" if first in sys.stdlib_module_names else "other"


def _top(node: cst.CSTNode) -> str:
    """The package that an import names; empty for a relative one."""
    if isinstance(node, cst.ImportFrom):
        name = (path_of(node.module) if node.module is not None and not node.relative else "") or ""
    else:
        name = path_of(node.names[0].name) or "" if isinstance(node, cst.Import) else ""
    return name.partition(".")[0]
