"""What the lowering of every body shares: the module, what has been learnt, and how a value is used.

Plain data. It must never know any one piece of syntax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mypy.nodes import (
    Context,
    DictExpr,
    DictionaryComprehension,
    Expression,
    ListComprehension,
    ListExpr,
    NameExpr,
    SetComprehension,
    SetExpr,
    TupleExpr,
    Var,
)
from mypy.types import Type

from ..budget_facts import BudgetFacts
from ..graph import Destination, Kind
from ..promises import Promises
from ..summaries import Summaries
from ..typing_facts import Facts

__all__ = ["COMPREHENSIONS", "DISPLAYS", "LOOK", "Inferred", "Mint", "Minting", "Module", "Use"]


@dataclass(frozen=True, slots=True)
class Module:
    """What every body of one module shares."""

    fullname: str
    types: dict[Expression, Type]
    facts: Facts
    checks_untyped: bool
    """Whether mypy checks functions without annotations here; so do we, then."""
    is_ours: Callable[[str], bool]
    """Whether a full name is defined in code that is checked, and not in a library or a stub."""
    promises: Promises
    minting: Minting | None = None
    """How budgets may be made here; None where nobody wants to know."""
    summaries: Summaries | None = None
    """What the generic functions of the program do with what they are given."""


@dataclass(frozen=True, slots=True)
class Minting:
    """What lowering needs where `budget-minted` is on. `allowed`: this module may make budgets from nothing."""

    allowed: bool
    budgets: BudgetFacts


@dataclass(frozen=True, slots=True)
class Mint:
    """A class whose budgets are made from nothing at `node`; not by a call there but by `maker`, if that has a name."""

    class_name: str
    node: Context
    maker: str


@dataclass(frozen=True, slots=True)
class Use:
    """What the surrounding expression does with the value of an operand."""

    kind: Kind
    to: Destination | None = None
    exclusive: bool = True
    """For a loan: no other use may overlap it."""


LOOK = Use(Kind.LOOK)

COMPREHENSIONS = (ListComprehension, SetComprehension)
DISPLAYS = (ListExpr, TupleExpr, SetExpr, DictExpr, *COMPREHENSIONS, DictionaryComprehension)
"""Expressions that make a container."""


@dataclass(slots=True)
class Inferred:
    """What lowering a body once has taught about it. Lowering repeats until nothing new is learnt.

    `taken`: targets of a loop, pattern, `with` or unpacking whose value the body moves, so that binding them takes
    the source by move (rule 4); `taken_by_guard`: of those, captures that a guard moves already. `borrowers`: pairs of
    an owner and a variable that somewhere borrows from it. `watched`: variables that hold something affine by a
    narrowed type only. `looked_up`: names of places, each with a variable that somewhere borrows what it holds.
    `gives_back`: a field of something borrowed is moved out,
    so every way out of the body matters, exceptions included.
    """

    taken: set[NameExpr] = field(default_factory=set)
    taken_by_guard: set[NameExpr] = field(default_factory=set)
    borrowers: set[tuple[Var, Var]] = field(default_factory=set)
    watched: set[Var] = field(default_factory=set)
    looked_up: set[tuple[str, Var]] = field(default_factory=set)
    gives_back: bool = False

    def size(self) -> int:
        sets: tuple[set[Any], ...] = (self.watched, self.taken, self.taken_by_guard, self.borrowers, self.looked_up)
        return sum(len(learnt) for learnt in sets) + self.gives_back
