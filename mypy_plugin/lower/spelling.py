"""How the program spells an expression, for messages: `retry`, `not self.ready`, `len(parts) > 2`.

Knows syntax only. Gives None for what is too long to quote; the message then names the line alone.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import (
    CallExpr,
    ComparisonExpr,
    ConditionalExpr,
    DictExpr,
    Expression,
    IndexExpr,
    IntExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    SetExpr,
    StrExpr,
    SuperExpr,
    TupleExpr,
    UnaryExpr,
)

__all__ = ["callee_name", "spell", "spell_entry", "spell_lookup", "spell_source"]

_LONGEST = 40


def spell(expr: Expression) -> str | None:
    """The expression as source text, or None."""
    text = _spell(expr)
    return text if text is not None and len(text) <= _LONGEST else None


_DISPLAYS: dict[type[Expression], str] = {
    TupleExpr: "the tuple",
    ListExpr: "the list",
    SetExpr: "the set",
    DictExpr: "the dict",
}


def spell_source(expr: Expression) -> str:
    """What a loop goes through, as a reader calls it."""
    return spell(expr) or _DISPLAYS.get(type(expr), "what it goes through")


def callee_name(node: CallExpr) -> str:
    """What a reader calls the function that is called: its own name, without the path to it."""
    if isinstance(node.callee, (NameExpr, MemberExpr, SuperExpr)):
        return node.callee.name
    return spell(node.callee) or ""


def spell_entry(expr: Expression, is_fixed: Callable[[Expression], bool]) -> str:
    """`parts[0]`, `runs[name].budget`, `agent.wallet()`: what is the same whenever it is spelled so. Else nothing.

    It is no place: an attribute at the end of it is a property, or one of something that was looked up. `is_fixed`:
    whether an index or argument has one value throughout the body.
    """
    node = expr
    while isinstance(node, (CallExpr, IndexExpr, MemberExpr)):
        given = [node.index] if isinstance(node, IndexExpr) else node.args if isinstance(node, CallExpr) else []
        if not all(map(is_fixed, given)):
            return ""
        if isinstance(node, CallExpr):
            node = node.callee
            if not isinstance(node, MemberExpr):
                return ""
        node = node.base if isinstance(node, IndexExpr) else node.expr
    return (_spell(expr) or "") if isinstance(node, NameExpr) else ""


def spell_lookup(expr: Expression) -> str:
    """A look-up in a container, shortened where it is too long: `max(...)`, `by_name[...]`."""
    text = spell(expr)
    if text is not None:
        return text
    if isinstance(expr, ConditionalExpr):
        choices = [expr.if_expr, expr.else_expr]
    elif isinstance(expr, OpExpr):
        choices = [expr.left, expr.right]
    elif isinstance(expr, CallExpr):
        return f"{spell(expr.callee) or 'the call'}(...)"
    elif isinstance(expr, IndexExpr):
        return f"{spell(expr.base) or 'the container'}[...]"
    else:
        return "an element"
    return spell_lookup(next((each for each in choices if isinstance(each, (CallExpr, IndexExpr))), choices[0]))


def _spell(expr: Expression) -> str | None:
    match expr:
        case NameExpr():
            # mypy's renaming pass marks a redefinition with quotes or stars after the name.
            return expr.name.rstrip("'*")
        case IntExpr():
            return str(expr.value)
        case StrExpr():
            return repr(expr.value)
        case MemberExpr():
            return _joined("{}." + expr.name, expr.expr)
        case IndexExpr():
            return _joined("{}[{}]", expr.base, expr.index)
        case UnaryExpr():
            return _joined(("not {}" if expr.op == "not" else expr.op + "{}"), expr.expr)
        case OpExpr():
            return _joined("{} " + expr.op + " {}", expr.left, expr.right)
        case ComparisonExpr() if len(expr.operands) == 2:
            return _joined("{} " + expr.operators[0] + " {}", *expr.operands)
        case CallExpr() if all(kind.is_positional() and not kind.is_star() for kind in expr.arg_kinds):
            return _joined("{}(" + ", ".join("{}" for _ in expr.args) + ")", expr.callee, *expr.args)
    return None


def _joined(form: str, *parts: Expression) -> str | None:
    texts = [_spell(part) for part in parts]
    return None if None in texts else form.format(*texts)
