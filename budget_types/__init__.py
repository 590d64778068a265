"""A typed, affine budget for LLM token and cost budgets."""

from .budget import Budget
from .errors import BudgetError, BudgetExceeded, BudgetMoved
from .ownership import Borrowed, Owned, Shared, affine, consumes, is_affine, move

__version__ = "0.1.0"

__all__ = [
    "Borrowed",
    "Budget",
    "BudgetError",
    "BudgetExceeded",
    "BudgetMoved",
    "Owned",
    "Shared",
    "affine",
    "consumes",
    "is_affine",
    "move",
]
