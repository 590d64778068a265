"""What containers, and the functions that work on them, do with the elements that go through their hands.

One vocabulary for all of them: for the receiver of a method, and for each argument of a method or function, what
becomes of it and what the result is to it. `handling` finds the row of a call, `lower.lookups` acts on it; this
module must never hold logic.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias

from ..fullnames import REPLACE

__all__ = [
    "ABSORBING",
    "CONDUITS",
    "CONTENTS",
    "COUNTED",
    "FORMATTED",
    "FUNCTIONS",
    "KEYED",
    "METHODS",
    "PAIRED",
    "REFERENCES",
    "RENEWING",
    "REPEATING",
    "SELECTING",
    "SOME",
    "UPDATING",
    "Does",
    "Row",
]


class Does(Enum):
    """What a call does with one operand: its receiver, or an argument. The value is the word in the settings."""

    TAKE = "take"
    """What its signature says: an affine parameter takes its argument by move. So does what has no row."""
    LOOK = "look"
    """The operand stays as it is, and the result has nothing of it."""
    LEND = "lend"
    """The result is an element, and the operand goes on holding it: it may be looked at there."""
    VIEW = "view"
    """The result reaches the elements where they are. It is used as the result is: whoever takes that, takes it."""
    COLLECT = "collect"
    """The result is a container of the same elements. As `VIEW`."""
    SHARE = "share"
    """As `COLLECT`, but the operand is to go on holding them: the result is a copy unless it is only looked at."""
    HAND_OUT = "hand_out"
    """The result is an element that the operand no longer holds: whoever gets it owns it."""
    DUPLICATE = "duplicate"
    """The result holds the operand, or what is in it, a second time: wrong whatever becomes of it."""
    RELEASE = "release"
    """The operand is looked at, and no longer held by the receiver: who looked it up there owns it now."""
    EMPTY = "empty"
    """The operand gives up all it holds, to nobody."""
    APPLY = "apply"
    """The operand is a function that gets the elements of those after it, which are taken as it takes them."""


TAKE, LOOK, LEND, VIEW, COLLECT = Does.TAKE, Does.LOOK, Does.LEND, Does.VIEW, Does.COLLECT
SHARE, HAND_OUT, DUPLICATE, RELEASE = Does.SHARE, Does.HAND_OUT, Does.DUPLICATE, Does.RELEASE
EMPTY, APPLY = Does.EMPTY, Does.APPLY

Row: TypeAlias = tuple[Does, ...]
"""For a method, the receiver and then the arguments; for a function, the arguments. The last stands for all that
follow, but a method's arguments are a `TAKE` where only the receiver is given."""

_Rows: TypeAlias = Mapping[str, Row]


def _each(names: str, *row: Does) -> _Rows:
    return dict.fromkeys(names.split(), row)


# Methods, by the full name of the class that has them

_ITERABLE: Final = _each("__iter__", VIEW)
_REVERSIBLE: Final = {**_ITERABLE, **_each("__reversed__", VIEW)}
_ITERATOR: Final = {**_ITERABLE, **_each("__next__", HAND_OUT)}
_GENERATOR: Final = {**_ITERATOR, **_each("send throw", HAND_OUT, TAKE), **_each("close", HAND_OUT)}
_ASYNC_ITERATOR: Final = {**_each("__aiter__", VIEW), **_each("__anext__", HAND_OUT)}
_ASYNC_GENERATOR: Final = {**_ASYNC_ITERATOR, **_each("asend athrow", HAND_OUT, TAKE)}
_SEQUENCE: Final = {
    **_REVERSIBLE,
    **_each("__getitem__", LEND, LOOK),
    **_each("index count __contains__", LOOK, LOOK),
}
_MUTABLE_SEQUENCE: Final = {
    **_SEQUENCE,
    **_each("pop", HAND_OUT, LOOK),
    **_each("remove", LOOK, RELEASE),
    **_each("clear", EMPTY),
    **_each("__iadd__", LOOK, TAKE),
}
_TIMES: Final = _each("__mul__ __rmul__", DUPLICATE, LOOK)
_PLUS: Final = _each("__add__", COLLECT, COLLECT)
_LIST: Final = {**_MUTABLE_SEQUENCE, **_TIMES, **_PLUS, **_each("__imul__", DUPLICATE, LOOK), **_each("copy", SHARE)}
_MAPPING: Final = {
    **_ITERABLE,
    **_each("__getitem__", LEND, LOOK),
    **_each("get", LEND, LOOK, LEND),
    **_each("keys values items", VIEW),
    **_each("__contains__", LOOK, LOOK),
}
_MUTABLE_MAPPING: Final = {
    **_MAPPING,
    **_each("setdefault", LEND, TAKE),
    **_each("pop", HAND_OUT, RELEASE, TAKE),
    **_each("popitem", HAND_OUT),
    **_each("clear", EMPTY),
}
_MERGED: Final = {**_each("__or__ __ror__", COLLECT, COLLECT), **_each("__ior__", LOOK, TAKE)}
_DICT: Final = {
    **_MUTABLE_MAPPING,
    **_MERGED,
    **_each("__reversed__", VIEW),
    **_each("copy", SHARE),
    **_each("fromkeys", LOOK, COLLECT, DUPLICATE),
}
_TYPED_DICT: Final = {
    **_MERGED,
    **_each("setdefault", LEND, TAKE),
    **_each("pop", HAND_OUT, LOOK, TAKE),
    **_each("copy", SHARE),
}
_SET_OPERATORS: Final = {
    **_each("__or__ __xor__", COLLECT, COLLECT),
    **_each("__and__ __sub__", COLLECT, LOOK),
}
_ABSTRACT_SET: Final = {**_ITERABLE, **_SET_OPERATORS, **_each("__contains__ isdisjoint", LOOK, LOOK)}
_SET_METHODS: Final = {
    **_ABSTRACT_SET,
    **_each("union symmetric_difference", COLLECT, COLLECT),
    **_each("difference intersection", COLLECT, LOOK),
    **_each("issubset issuperset", LOOK, LOOK),
    **_each("copy", SHARE),
}
_MUTABLE_SET: Final = {
    **_ABSTRACT_SET,
    **_each("pop", HAND_OUT),
    **_each("remove", LOOK, RELEASE),
    **_each("discard", LOOK, RELEASE),
    **_each("clear", EMPTY),
    **_each("__ior__ __ixor__", LOOK, TAKE),
    **_each("__iand__", LOOK, LOOK),
    **_each("__isub__", LOOK, RELEASE),
}
_SET: Final = {
    **_MUTABLE_SET,
    **_SET_METHODS,
    **_each("intersection_update", LOOK, LOOK),
    **_each("difference_update", LOOK, RELEASE),
}
_VIEW_OF_A_SET: Final = {
    **_ABSTRACT_SET,
    **_each("__ror__ __rxor__", COLLECT, COLLECT),
    **_each("__rand__ __rsub__", LOOK, COLLECT),
}
_DICT_VIEW: Final = {**_REVERSIBLE, **_each("mapping", VIEW)}
_QUEUE: Final = _each("get get_nowait", HAND_OUT, LOOK)
_WEAK_MAPPING: Final = _each("copy __copy__ __or__ __ror__ __ior__ __deepcopy__", LOOK, LOOK)

METHODS: Final[Mapping[str, _Rows]] = {
    # A named tuple's own: nobody can override it.
    "builtins.tuple": {**_SEQUENCE, **_TIMES, **_PLUS, **_each(REPLACE, COLLECT, TAKE)},
    "builtins.list": {**_LIST, **_each("sort", LOOK, LOOK)},
    "builtins.dict": _DICT,
    "builtins.set": _SET,
    "builtins.frozenset": _SET_METHODS,
    "builtins.enumerate": _ITERATOR,
    "builtins.filter": _ITERATOR,
    "builtins.map": _ITERATOR,
    "builtins.reversed": _ITERATOR,
    "builtins.zip": _ITERATOR,
    "typing.Iterable": _ITERABLE,
    "typing.Iterator": _ITERATOR,
    "typing.Reversible": _REVERSIBLE,
    "typing.Generator": _GENERATOR,
    "typing.AsyncIterable": _each("__aiter__", VIEW),
    "typing.AsyncIterator": _ASYNC_ITERATOR,
    "typing.AsyncGenerator": _ASYNC_GENERATOR,
    "typing.Sequence": _SEQUENCE,
    "typing.MutableSequence": _MUTABLE_SEQUENCE,
    "typing.AbstractSet": _ABSTRACT_SET,
    "typing.MutableSet": _MUTABLE_SET,
    "typing.Mapping": _MAPPING,
    "typing.MutableMapping": _MUTABLE_MAPPING,
    "typing._TypedDict": _TYPED_DICT,
    "typing.KeysView": _VIEW_OF_A_SET,
    "typing.ItemsView": _VIEW_OF_A_SET,
    "typing.ValuesView": {**_ITERABLE, **_each("__contains__", LOOK, LOOK)},
    "types.GeneratorType": _GENERATOR,
    "types.AsyncGeneratorType": _ASYNC_GENERATOR,
    "types.MappingProxyType": {
        **_MAPPING,
        **_each("__reversed__", VIEW),
        **_each("__or__ __ror__", COLLECT, COLLECT),
        **_each("copy", SHARE),
    },
    "_collections_abc.dict_keys": _DICT_VIEW,
    "_collections_abc.dict_values": _DICT_VIEW,
    "_collections_abc.dict_items": _DICT_VIEW,
    "collections.deque": {
        **_LIST,
        **_each("popleft", HAND_OUT),
        **_each("__copy__ __reduce__", SHARE),
    },
    "collections.defaultdict": {**_DICT, **_each("__copy__", SHARE), **_each("__missing__", LEND, TAKE)},
    "collections.OrderedDict": {**_DICT, **_each("move_to_end", LOOK, LOOK)},
    "collections.Counter": {
        **_DICT,
        **_PLUS,
        **_each("__pos__ __neg__", COLLECT),
        **_each("__and__ __sub__", COLLECT, LOOK),
        **_each("__iadd__", LOOK, TAKE),
        **_each("__iand__ __isub__ subtract", LOOK, LOOK),
        **_each("elements most_common", SHARE, LOOK),
    },
    "collections.ChainMap": {
        **_MUTABLE_MAPPING,
        **_MERGED,
        **_each("__missing__", LEND, TAKE),
        **_each("copy __copy__ new_child parents", SHARE, TAKE),
        **_each("fromkeys", LOOK, COLLECT, DUPLICATE),
    },
    "collections.UserDict": {
        **_MUTABLE_MAPPING,
        **_MERGED,
        **_each("copy __copy__", SHARE),
        **_each("fromkeys", LOOK, COLLECT, DUPLICATE),
    },
    "collections.UserList": {**_LIST, **_each("__radd__", COLLECT, COLLECT), **_each("__copy__", SHARE)},
    "collections._OrderedDictKeysView": _REVERSIBLE,
    "collections._OrderedDictItemsView": _REVERSIBLE,
    "collections._OrderedDictValuesView": _REVERSIBLE,
    "collections._odict_keys": _REVERSIBLE,
    "collections._odict_items": _REVERSIBLE,
    "collections._odict_values": _REVERSIBLE,
    **dict.fromkeys(
        (
            "itertools.accumulate",
            "itertools.batched",
            "itertools.combinations",
            "itertools.combinations_with_replacement",
            "itertools.compress",
            "itertools.count",
            "itertools.cycle",
            "itertools.dropwhile",
            "itertools.filterfalse",
            "itertools.groupby",
            "itertools.islice",
            "itertools.pairwise",
            "itertools.permutations",
            "itertools.product",
            "itertools.repeat",
            "itertools.starmap",
            "itertools.takewhile",
            "itertools.zip_longest",
        ),
        _ITERATOR,
    ),
    "itertools.chain": {**_ITERATOR, **_each("from_iterable", LOOK, VIEW)},
    # What a cached function returned it returns again.
    "functools._lru_cache_wrapper": {**_each("__call__", LEND, TAKE), **_each("__copy__ __deepcopy__", LOOK)},
    "random.Random": {
        **_each("choice", LOOK, LEND),
        **_each("shuffle", LOOK, LOOK),
        **_each("sample", LOOK, COLLECT, LOOK),
        **_each("choices", LOOK, SHARE, LOOK),
    },
    # What has finished gives its result each time that it is asked: who takes that, takes all of it.
    "_asyncio.Future": _each("result __await__ __iter__", VIEW),
    "_asyncio.Task": _each("get_coro", VIEW),
    "concurrent.futures._base.Future": _each("result", VIEW, LOOK),
    "multiprocessing.pool.ApplyResult": _each("get", VIEW, LOOK),
    "pydantic.main.BaseModel": _each("copy model_copy", SHARE, TAKE),
    "queue.Queue": _QUEUE,
    "_queue.SimpleQueue": _QUEUE,
    "asyncio.queues.Queue": _QUEUE,
    "multiprocessing.queues.Queue": _QUEUE,
    "multiprocessing.queues.SimpleQueue": _each("get", HAND_OUT),
    "_contextvars.ContextVar": {**_each("get", LEND, LEND), **_each("set", HAND_OUT, TAKE)},
    "_contextvars.Token": {**_each("var", VIEW), **_each("__enter__", VIEW)},
    "weakref.ReferenceType": _each("__call__", LEND),
    "weakref.WeakMethod": _each("__call__", LEND),
    "weakref.WeakValueDictionary": {
        **_WEAK_MAPPING,
        **_each("__getitem__ pop", LEND, LOOK, LEND),
        **_each("get", LEND, LOOK, LEND),
        **_each("popitem __iter__ keys values items", LEND),
        **_each("setdefault", LEND, TAKE, LEND),
        **_each("itervaluerefs valuerefs", LOOK),
        **_each("__setitem__", LOOK, TAKE, LOOK),
    },
    "weakref.WeakKeyDictionary": {
        **_MUTABLE_MAPPING,
        **_each("copy __copy__", SHARE),
        **_each("__deepcopy__", DUPLICATE, LOOK),
        **_MERGED,
        **_each("setdefault", LEND, LOOK, TAKE),
        **_each("keyrefs", LOOK),
        **_each("__setitem__", LOOK, LOOK, TAKE),
    },
    "weakref.finalize": _each("detach peek", LEND),
    "_weakrefset.WeakSet": {
        **_each("__iter__ pop", LEND),
        **_each("add remove discard update", LOOK, LOOK),
        **_each("copy union difference intersection symmetric_difference", LOOK, LOOK),
        **_each("__or__ __and__ __sub__ __xor__ __ior__ __iand__ __isub__ __ixor__", LOOK, LOOK),
    },
}
"""For each class, what its methods do. A class without a row for a method has that of the next class in its MRO."""


ABSORBING: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("typing.MutableSequence", "collections.UserList"), frozenset({"extend"})),
    "collections.deque": frozenset({"extend", "extendleft"}),
    **dict.fromkeys(("builtins.set", "builtins.dict", "typing.MutableMapping"), frozenset({"update"})),
}
"""By class, methods that take what is in the containers that they are given, and leave those where they are."""

UPDATING: Final[Mapping[str, frozenset[str]]] = {"typing._TypedDict": frozenset({"update", "__ior__"})}
"""By class, methods of records that put entries in the place of old ones, and leave all others where they are."""

RENEWING: Final[Mapping[str, Mapping[str, str]]] = {
    "pydantic.main.BaseModel": {"copy": "update", "model_copy": "update"},
}
"""By class and method, the parameter of a `SHARE` that has a dict of the parts that are given a new value. Without one,
each keyword argument is such a part."""


# Functions, and classes that are called, by full name

FUNCTIONS: Final[_Rows] = {
    **_each("builtins.max builtins.min", LEND),
    **_each("builtins.next builtins.anext", HAND_OUT, TAKE),
    **_each("builtins.iter builtins.aiter builtins.enumerate builtins.reversed builtins.zip", VIEW),
    **_each("builtins.map itertools.starmap", APPLY, VIEW),
    **_each("functools.reduce", APPLY, TAKE),
    **_each("builtins.filter itertools.filterfalse itertools.takewhile itertools.dropwhile", LOOK, VIEW),
    **_each("builtins.sorted", COLLECT, LOOK),
    **_each("builtins.list builtins.tuple builtins.dict builtins.set builtins.frozenset", COLLECT),
    **_each("collections.deque collections.OrderedDict collections.Counter", COLLECT),
    **_each("collections.UserDict collections.UserList", COLLECT),
    **_each("collections.defaultdict", LOOK, COLLECT),
    **_each("collections.ChainMap types.MappingProxyType", VIEW),
    **_each("typing.KeysView typing.ItemsView typing.ValuesView", VIEW),
    **_each("builtins.vars", LOOK),
    **_each("builtins.sum builtins.abs builtins.round builtins.pow builtins.divmod builtins.getattr", TAKE),
    **_each("_heapq.heappop _heapq.heappop_max", HAND_OUT),
    **_each("_heapq.heappushpop _heapq.heapreplace", HAND_OUT, TAKE),
    **_each("_heapq.heappushpop_max _heapq.heapreplace_max", HAND_OUT, TAKE),
    **_each("_heapq.heappush _heapq.heappush_max", LOOK, TAKE),
    **_each("_heapq.heapify _heapq.heapify_max", LOOK),
    **_each("heapq.nlargest heapq.nsmallest", LOOK, COLLECT, LOOK),
    **_each("heapq.merge", VIEW),
    **_each("_bisect.bisect_left _bisect.bisect_right bisect.bisect", LOOK),
    **_each("_bisect.insort_left _bisect.insort_right bisect.insort", LOOK, TAKE, LOOK),
    **_each("itertools.chain itertools.batched itertools.zip_longest", VIEW),
    **_each("itertools.islice itertools.compress itertools.groupby", VIEW, LOOK),
    **_each("itertools.pairwise itertools.product itertools.permutations", SHARE),
    **_each("itertools.combinations itertools.combinations_with_replacement", SHARE),
    **_each("itertools.accumulate itertools.count", TAKE),
    **_each("itertools.repeat itertools.cycle itertools.tee", DUPLICATE),
    **_each("copy.copy copy.deepcopy", DUPLICATE, TAKE),
    **_each("copy.replace dataclasses.replace attr.evolve attrs.evolve", SHARE, TAKE),
    **_each("_pickle.dump _pickle.dumps", DUPLICATE, LOOK),
    **_each("weakref.ref weakref.ReferenceType weakref.KeyedRef weakref.WeakMethod", LOOK),
    **_each("_weakref.proxy", LEND),
    **_each("_weakrefset.WeakSet weakref.WeakValueDictionary", LOOK),
    **_each("weakref.finalize", LOOK, TAKE),
    **_each("random.choice", LEND),
    **_each("random.shuffle", LOOK),
    **_each("random.sample", COLLECT, LOOK),
    **_each("random.choices", SHARE, LOOK),
    **_each("weakref.WeakKeyDictionary", COLLECT),
    **_each("_contextvars.ContextVar", TAKE),
    **_each("_asyncio.Task multiprocessing.pool.ApplyResult", TAKE),
    **_each("asyncio.tasks.wait asyncio.tasks.as_completed", COLLECT, LOOK),
    **_each("concurrent.futures._base.wait concurrent.futures._base.as_completed", COLLECT, LOOK),
}
"""What functions do with their arguments. Where the class of the result matters, its methods have rows of their own."""

KEYED: Final = frozenset(
    {
        "builtins.dict",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.UserDict",
        "collections.defaultdict",
    }
)
"""Classes whose keyword arguments are elements themselves, and not containers of them."""

CONTENTS: Final[Mapping[str, str]] = {
    "_asyncio.Future": "result",
    "concurrent.futures._base.Future": "result",
    "multiprocessing.pool.ApplyResult": "get",
}
"""Methods, by class, that give what their object has, the same each time: a part of it, as an attribute would be."""

REPEATING: Final = frozenset(
    f"itertools.{name}"
    for name in ("product", "permutations", "pairwise", "combinations", "combinations_with_replacement")
)
"""Functions that give each element of what they are given more than once."""

SOME: Final = frozenset({"itertools.islice"})
"""Functions that take some elements out of an iterator and leave it the rest."""

SELECTING: Final = frozenset(
    {
        "builtins.filter",
        "heapq.nlargest",
        "heapq.nsmallest",
        "itertools.compress",
        "itertools.dropwhile",
        "itertools.filterfalse",
        "itertools.islice",
        "itertools.takewhile",
    }
)
"""Functions whose results may leave out some of what they are given."""

PAIRED: Final = frozenset({"builtins.zip", "itertools.zip_longest"})
"""Functions whose results are tuples with one part from each argument."""

COUNTED: Final = frozenset({"builtins.enumerate"})
"""Functions whose results are pairs of a number and what the argument gives."""


# Classes

CONDUITS: Final = frozenset(
    {
        "asyncio.queues.Queue",
        "asyncio.queues.LifoQueue",
        "asyncio.queues.PriorityQueue",
        "queue.Queue",
        "queue.LifoQueue",
        "queue.PriorityQueue",
        "queue.SimpleQueue",
        "_queue.SimpleQueue",
        "multiprocessing.queues.Queue",
        "multiprocessing.queues.SimpleQueue",
        "anyio.streams.memory.MemoryObjectReceiveStream",
        "anyio.streams.memory.MemoryObjectSendStream",
        "trio._channel.MemoryReceiveChannel",
        "trio._channel.MemorySendChannel",
    }
)
"""Containers made to hand values from one owner to another: shared freely, not affine (rules, section 1)."""

REFERENCES: Final = frozenset(
    {
        "_contextvars.ContextVar",
        "functools._lru_cache_wrapper",
        "weakref.ReferenceType",
        "weakref.WeakMethod",
        "weakref.WeakValueDictionary",
        "_weakrefset.WeakSet",
    }
)
"""What leads to values that are owned elsewhere: shared freely as well, and what it gives is only lent."""

FORMATTED: Final = frozenset({"builtins.str", "builtins.bytes", "builtins.bytearray"})
"""What `%` formats with: its right operand is only looked at (rules, section 4)."""
