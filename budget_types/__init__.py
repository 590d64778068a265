"""A typed, affine budget for LLM token and cost budgets."""

from .amount import Amount, Usd
from .budget import Budget, BudgetPool, BudgetWarning, StopReason
from .errors import BudgetError, BudgetExceeded, BudgetExpired, BudgetMoved, BudgetOverrun, NoSuchUnit
from .estimate import Adaptive, Estimator, MaxOutput, Static, utf8_bytes
from .events import Event, EventKind, Observer
from .ownership import Borrowed, Owned, Shared, affine, consumes, is_affine, move
from .receipt import Receipt
from .reservation import Overrun, Reservation

__version__ = "0.1.0"

__all__ = [
    "Adaptive",
    "Amount",
    "Borrowed",
    "Budget",
    "BudgetError",
    "BudgetExceeded",
    "BudgetExpired",
    "BudgetMoved",
    "BudgetOverrun",
    "BudgetPool",
    "BudgetWarning",
    "Estimator",
    "Event",
    "EventKind",
    "MaxOutput",
    "NoSuchUnit",
    "Observer",
    "Overrun",
    "Owned",
    "Receipt",
    "Reservation",
    "Shared",
    "Static",
    "StopReason",
    "Usd",
    "affine",
    "consumes",
    "is_affine",
    "move",
    "utf8_bytes",
]
