"""A typed, affine budget for LLM token and cost budgets."""

from .amount import Amount, Usd
from .budget import Budget, BudgetPool, BudgetWarning, StopReason
from .errors import BudgetError, BudgetExceeded, BudgetExpired, BudgetMoved, BudgetOverrun, NoSuchUnit
from .estimate import Adaptive, Estimator, MaxOutput, Static, utf8_bytes
from .events import Event, EventKind, Observer
from .ownership import Borrowed, Owned, Shared, affine, consumes, is_affine, move
from .prices import Price, UnpricedModel, cost_of
from .receipt import Receipt
from .reservation import Overrun, Reservation
from .usage import Usage, UsageError, usage_of

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
    "Price",
    "Receipt",
    "Reservation",
    "Shared",
    "Static",
    "StopReason",
    "UnpricedModel",
    "Usage",
    "UsageError",
    "Usd",
    "affine",
    "consumes",
    "cost_of",
    "is_affine",
    "move",
    "usage_of",
    "utf8_bytes",
]
