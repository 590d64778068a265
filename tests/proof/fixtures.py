"""Says a fixture in other words: its marks stay with their lines, and no finding may come or go.

Unlike `vary`, this is for any program, so it changes only what certainly means the same afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m

__all__ = ["rearrange", "wrap"]


def wrap(source: str) -> str:
    """Every body of a function stands in `if True:`."""
    return cst.parse_module(source).visit(_Wrapped()).code


def rearrange(source: str) -> str:
    """The functions stand in another order, their variables have other names, and comments stand between the lines."""
    module = cst.parse_module(source)
    body: list[cst.BaseStatement] = []
    functions: list[cst.FunctionDef] = []
    overloaded = {each.name.value for each in module.body if isinstance(each, cst.FunctionDef) and each.decorators}
    for statement in module.body:
        one = _renamed(statement) if isinstance(statement, cst.FunctionDef) else statement
        if isinstance(one, cst.FunctionDef) and _may_move(one) and one.name.value not in overloaded:
            functions.append(one)
            continue
        body += [*_reversed(functions), one]
        functions = []
    body += _reversed(functions)
    return module.with_changes(body=body).visit(_Commented()).code


class _Wrapped(cst.CSTTransformer):
    def leave_FunctionDef(  # noqa: N802 - libcst calls it so
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        body = updated_node.body
        if not isinstance(body, cst.IndentedBlock) or m.matches(body.body[-1], m.SimpleStatementLine([m.Raise()])):
            # A body that only raises says what others do.
            return updated_node
        wrapped = cst.If(cst.Name("True"), cst.IndentedBlock(body.body, footer=body.footer))
        return updated_node.with_changes(body=body.with_changes(body=[wrapped], footer=[]))


# The order of functions


def _may_move(node: cst.FunctionDef) -> bool:
    """Whether a function is nothing but made where it stands: no decorator or default is evaluated there."""
    parameters = m.findall(node.params, m.Param())
    return not node.decorators and all(isinstance(each, cst.Param) and each.default is None for each in parameters)


def _reversed(functions: Sequence[cst.FunctionDef]) -> Sequence[cst.FunctionDef]:
    names = [function.name.value for function in functions]
    return functions[::-1] if len(set(names)) == len(names) else functions


# The names of variables


def _renamed(function: cst.FunctionDef) -> cst.FunctionDef:
    """Every variable that only this function can see has another name."""
    if m.findall(function, m.ClassDef() | m.Global() | m.Nonlocal()):
        return function
    parameters = {each.name.value for each in m.findall(function, m.Param()) if isinstance(each, cst.Param)}
    targets = m.findall(function.body, m.AssignTarget(m.Name()) | m.For(m.Name()) | m.CompFor(m.Name()))
    bound = [each.target for each in targets if isinstance(each, (cst.AssignTarget, cst.For, cst.CompFor))]
    names = {each.value for each in bound if isinstance(each, cst.Name)}
    changed = function.visit(_Renaming(names - parameters - {"_"}))
    assert isinstance(changed, cst.FunctionDef)
    return changed


class _Renaming(cst.CSTTransformer):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:  # noqa: N802
        changed = updated_node.value in self._names
        return updated_node.with_changes(value=f"some_{updated_node.value}") if changed else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:  # noqa: N802
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_MatchKeywordElement(  # noqa: N802
        self, original_node: cst.MatchKeywordElement, updated_node: cst.MatchKeywordElement
    ) -> cst.MatchKeywordElement:
        return updated_node.with_changes(key=original_node.key)


# Comments


class _Commented(cst.CSTTransformer):
    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        more = [cst.EmptyLine(comment=cst.Comment("# run(budget)")), cst.EmptyLine(indent=False)]
        return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *more])
