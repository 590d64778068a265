"""What mypy's types say about members: how a method has its object, which attributes are stored data (rules, 2 and 4).

Reads types by way of `type_shapes`. Knows nothing of statements, graphs or messages.
"""

from __future__ import annotations

from collections.abc import Sequence

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import SymbolNode, TypeInfo, Var
from mypy.types import CallableType, Instance, LiteralType, ProperType, Type, get_proper_type

from .events import Ownership
from .fullnames import BOOL, ITERABLE, METADATA
from .knowledge.tasks import ATTEMPTS
from .ownership_facts import OwnershipFacts
from .type_shapes import classes_of, definition_of, is_descriptor, is_remembered, method_of, signatures_of

__all__ = ["MemberFacts", "Receiver"]


class Receiver:
    """How a method has the object that it is called on."""

    __slots__ = ("binds", "consumes", "shares")

    def __init__(self, *, consumes: bool, binds: bool, shares: bool) -> None:
        self.consumes = consumes
        """Whether it takes it by move (rule 4)."""
        self.binds = binds
        """Whether it has it as `self`."""
        self.shares = shares
        """Whether it only reads it."""


class MemberFacts(OwnershipFacts):
    """Answers about attributes and methods."""

    def receiver(self, type_: Type | None, name: str) -> Receiver:
        """How a method of this name has a value of this type. For one class, it is the same for all types of it."""
        return Receiver(
            consumes=self.consumes_receiver(type_, name),
            binds=self.binds_receiver(type_, name),
            shares=self.shares_receiver(type_, name),
        )

    def consumes_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether calling this method of a value of this type takes the value by move (rule 4)."""
        if type(receiver) is Instance:
            return self.is_consuming(receiver.type, name)
        return any(self.is_consuming(info, name) for info in classes_of(receiver))

    def is_consuming(self, info: TypeInfo, name: str) -> bool:
        """Whether a method takes `self` by move: `@consumes`, or `self: Owned[...]`."""
        for base in info.mro:
            symbol = base.names.get(name)
            if symbol is None:
                continue
            if name in self.consuming(base):
                return True
            for one in signatures_of(symbol.type):
                if one.arg_types and self.declared_mode(one.arg_types[0]) is Ownership.OWNED:
                    return True
            return False
        return False

    def consuming(self, info: TypeInfo) -> Sequence[str]:
        """The methods of a class itself that are marked `@consumes`."""
        marked: Sequence[str] = info.metadata.get(METADATA, {}).get("consumes", ())
        return marked

    def lends_receiver(self, signature: CallableType) -> bool:
        """Whether a function is a method that is reached through its class, and lends its object: `Agent.left`."""
        function = definition_of(signature)
        if function is None or not function.info or function.is_static or function.is_class:
            return False
        own = function.type
        is_bound = not isinstance(own, CallableType) or len(own.arg_types) != len(signature.arg_types)
        if is_bound or not signature.arg_types or signature.is_type_obj():
            return False
        type_ = signature.arg_types[0]
        if self.declared_mode(type_) is not None or self.is_consuming(function.info, function.name):
            return False
        return any(function.info in info.mro for info in classes_of(type_))

    def shares_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method only reads the object it is called on: `self: Shared[...]`."""
        found = [symbol for info in classes_of(receiver) if (symbol := info.get(name)) is not None]
        return bool(found) and all(
            bool(one.arg_types) and self.declared_mode(one.arg_types[0]) is Ownership.SHARED
            for symbol in found
            for one in signatures_of(symbol.type)
        )

    def binds_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method has the object it is called on as `self`.

        Static and class methods do not, nor does a function that the object only has in a field.
        """
        infos = classes_of(receiver)
        methods = [method_of(info, name) for info in infos]
        if any(method is not None and (method.is_static or method.is_class) for method in methods):
            return False
        return not infos or not all(self._is_field(info, name) for info in infos)

    def _is_field(self, info: TypeInfo, name: str) -> bool:
        """Whether each object of a class has a value of its own by this name, and not what the class has (PEP 526)."""
        symbol = info.get(name)
        node: SymbolNode | None = symbol.node if symbol is not None else None
        of_class = isinstance(node, Var) and node.is_initialized_in_class and (node.is_classvar or node.is_inferred)
        return isinstance(node, Var) and not of_class

    def is_data(self, receiver: Type | None, name: str) -> bool:
        """Whether an attribute is stored data, so that its path is a place.

        Properties, other descriptors and methods are calls.
        """
        if type(receiver) is Instance:
            return self.is_data_of(receiver.type, name)
        infos = classes_of(receiver)
        return bool(infos) and all(self.is_data_of(info, name) for info in infos)

    def is_data_of(self, info: TypeInfo, name: str) -> bool:
        """As `is_data`, for instances of one class."""
        symbol = info.get(name)
        node: SymbolNode | None = symbol.node if symbol is not None else None
        # mypy calls the fields of named tuples and frozen classes properties; but a real one is no variable.
        if not isinstance(node, Var):
            return False
        return not (node.is_initialized_in_class and is_descriptor(node.type))

    def getter_takes(self, receiver: Type | None, name: str) -> bool:
        """Whether reading an attribute gives the object away: to a descriptor whose `__get__` takes it by move."""
        for info in classes_of(receiver):
            symbol = info.get(name)
            node = symbol.node if symbol is not None else None
            for descriptor in classes_of(node.type) if isinstance(node, Var) and node.is_initialized_in_class else ():
                getter = descriptor.get("__get__")
                for one in signatures_of(getter.type) if getter is not None else ():
                    # One that says `Any`, or `object`, gives the object back.
                    if len(one.arg_types) > 1 and self.is_affine(one.arg_types[1]):
                        return self.taking_mode(one.arg_types[1]) is Ownership.OWNED
        return False

    def remembers(self, receiver: Type | None, name: str) -> bool:
        """Whether an attribute gives each time what it gave the first time: `functools.cached_property`."""
        return any(is_remembered(info, name) for info in classes_of(receiver))

    def iterates_affine(self, type_: Type | None) -> bool:
        """Whether iterating over a value of this type gives something affine: not so over a dict with plain keys."""
        for info in classes_of(type_):
            iterable = next((base for base in info.mro if base.fullname == ITERABLE), None)
            proper = get_proper_type(type_)
            if iterable is None or not isinstance(proper, Instance):
                return True
            if any(map(self.is_affine, map_instance_to_supertype(proper, iterable).args)):
                return True
        return False

    # Context managers

    def is_manager(self, info: TypeInfo) -> bool:
        """Whether a class is that of a context manager."""
        return info.get("__exit__") is not None or info.get("__aexit__") is not None

    def enters_loan(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether entering a context manager gives something borrowed."""
        for info in classes_of(manager):
            symbol = info.get("__aenter__" if is_async else "__enter__")
            signature = symbol.type if symbol is not None else None
            if (self.awaits_loan if is_async else self.returns_loan)(signature):
                return True
        return False

    def enters_itself(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether entering a context manager gives that manager, as far as the types say."""
        for info in classes_of(manager):
            symbol = info.get("__aenter__" if is_async else "__enter__")
            for one in signatures_of(symbol.type if symbol is not None else None):
                if any(given in info.mro for given in classes_of(_returned(one, is_async=is_async))):
                    return True
        return False

    def swallows(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether a context manager may swallow exceptions: known to, or by mypy's own rule its exit returns `bool`."""
        for info in classes_of(manager):
            if info.fullname in ATTEMPTS:
                return True
            method = info.get("__aexit__" if is_async else "__exit__")
            signature = getattr(method.node, "type", None) if method is not None else None
            for one in signatures_of(signature):
                returned = _returned(one, is_async=is_async)
                if isinstance(returned, LiteralType):
                    if returned.value is True:
                        return True
                elif isinstance(returned, Instance) and returned.type.fullname == BOOL:
                    return True
        return False


def _returned(signature: CallableType, *, is_async: bool) -> ProperType:
    """What a call gives, or an await of it."""
    returned = get_proper_type(signature.ret_type)
    if is_async and isinstance(returned, Instance) and returned.args:
        return get_proper_type(returned.args[-1])
    return returned
