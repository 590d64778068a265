"""A hidden variable of a module: how facts of ours become a part of the module's interface.

mypy's cache, its workers and its daemon attend to interfaces: whoever depends on a module is checked again when the
type of one of its variables changes. So what modules have to know of each other, and mypy has no place for, is kept as
the literal type of a variable that no program can name. Knows nothing of what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mypy.nodes import GDEF, MypyFile, SymbolTableNode, Var
from mypy.types import Instance, LiteralType

__all__ = ["module_of", "read", "symbol_name", "write"]

_PREFIX: Final = "__budget_types_"
_SUFFIX: Final = "@"
"""Names with it stay when the daemon clears a module's names, to analyse the module's own body again."""


def read(tree: MypyFile, name: str) -> str | None:
    """What a module's variable of this name holds, if there is one."""
    variable = _variable(tree, name)
    return str(variable.type.value) if variable is not None and isinstance(variable.type, LiteralType) else None


def write(tree: MypyFile, name: str, text: str | None, string: Instance) -> bool:
    """Let a module's variable of this name hold `text`, and say whether it held something else.

    None: there is to be no variable. `string` is `builtins.str`.
    """
    if text == read(tree, name):
        return False
    if text is None:
        del tree.names[_key(name)]
        return True
    value = LiteralType(text, string)
    variable = _variable(tree, name)
    if variable is not None:
        variable.type = value
        return True
    variable = Var(_key(name), value)
    variable._fullname = symbol_name(tree.fullname, name)
    variable.is_ready = True
    tree.names[_key(name)] = SymbolTableNode(GDEF, variable, module_public=False, module_hidden=True)
    return True


def module_of(fullname: str, modules: Mapping[str, MypyFile]) -> str:
    """The module that defines what has this full name, or nothing."""
    while fullname and fullname not in modules:
        fullname = fullname.rpartition(".")[0]
    return fullname


def symbol_name(module: str, name: str) -> str:
    """The full name of a module's variable: what the daemon calls its change."""
    return f"{module}.{_key(name)}"


def _key(name: str) -> str:
    return f"{_PREFIX}{name}{_SUFFIX}"


def _variable(tree: MypyFile, name: str) -> Var | None:
    symbol = tree.names.get(_key(name))
    return symbol.node if symbol is not None and isinstance(symbol.node, Var) else None
