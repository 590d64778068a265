"""Whether one thing may stand where another is promised: an override, a callable, a class for a protocol.

A signature promises its callers what becomes of what they pass: `Shared` only reads it, `Borrowed` also changes it,
all else that is affine takes it by move (rules, section 4). Whoever stands there must keep the promise or promise more;
for results it is the other way round. Owns that comparison, over types alone. Knows nothing of expressions, graphs or
messages: what is wrong is said as a `Breach`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_STAR,
    ARG_STAR2,
    CONTRAVARIANT,
    COVARIANT,
    OverloadedFuncDef,
    TypeInfo,
    Var,
)
from mypy.subtypes import is_subtype
from mypy.typeops import tuple_fallback
from mypy.types import (
    AnyType,
    CallableType,
    FormalArgument,
    FunctionLike,
    Instance,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeOfAny,
    TypeType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)

from .concerns import Concerns
from .events import Breach, Ownership, Promised
from .fullnames import OBJECT
from .knowledge import CONSTRUCTORS, LOOKING_METHODS, LOOKING_OBJECTS
from .members import CALL, declared, instance_of, member
from .typing_facts import Facts

__all__ = ["Promises"]

_LENT = frozenset({Ownership.BORROWED, Ownership.SHARED})
_PARTIAL = "__mypy_partial"
"""Under what name mypy's own plugin keeps the signature that is left of a `functools.partial`."""

_Pairs = tuple[tuple[Type, Type], ...]
"""What is being compared around a comparison: recursive types and protocols lead back to it."""


class Promises:
    """Compares what is promised with what stands there. `spell`: a type as a reader writes it."""

    def __init__(self, facts: Facts, spell: Callable[[Type], str]) -> None:
        self.facts = facts
        self.concerns = Concerns(facts)
        """Whether there is anything to compare."""
        self._spell = spell
        self.opened: set[TypeInfo] = set()
        """Classes whose members were compared: when one of those changes, answers change."""
        self.answers: dict[tuple[Type, Type], Breach | None] = {}
        """What `broken` gave where members were compared."""
        self._by_types: dict[tuple[Type, Type], Breach | None] = {}
        """What it gave where none were: that follows from the types alone."""

    # Values where a type is promised

    def broken(self, promise: Type, given: Type) -> Breach | None:
        """The promise of a place declared as `promise` that a value of type `given` would break there."""
        if type(promise) is Instance and promise == given:
            return None
        if (promise, given) in self._by_types:
            return self._by_types[promise, given]
        before, self.opened = self.opened, set()
        concerns = self.concerns.by_call(promise) or self.concerns.by_call(given)
        breach = self._value(promise, given, ()) if concerns else None
        if self.opened:
            self.answers[promise, given] = breach
        else:
            self._by_types[promise, given] = breach
        self.opened |= before
        return breach

    def _value(self, promise: Type, given: Type, around: _Pairs) -> Breach | None:
        if (promise, given) in around:
            return None
        around = (*around, (promise, given))
        wanted, have = get_proper_type(promise), get_proper_type(given)
        if isinstance(have, TypeVarType):
            have = get_proper_type(have.upper_bound)
        if isinstance(have, UnionType):
            return _first(self._value(promise, item, around) for item in have.items)
        if isinstance(wanted, UnionType):
            fitting = [item for item in wanted.items if is_subtype(have, item)]
            found = [self._value(item, given, around) for item in fitting]
            return found[0] if found and None not in found else None
        if isinstance(wanted, FunctionLike):
            return self._function(wanted, have, around)
        if isinstance(wanted, TypeType):
            return self._class(wanted, have, around)
        if isinstance(wanted, TupleType) and isinstance(have, TupleType):
            return self._items(wanted.items, have.items, around)
        if isinstance(wanted, TypedDictType) and isinstance(have, TypedDictType):
            shared = [key for key in wanted.items if key in have.items]
            return self._items([wanted.items[key] for key in shared], [have.items[key] for key in shared], around)
        if isinstance(wanted, Instance):
            return self._instance(wanted, have, around)
        return None

    def _items(self, wanted: list[Type], have: list[Type], around: _Pairs) -> Breach | None:
        if len(wanted) != len(have):
            return None
        return _first(_inside(self._value(p, g, around), "item") for p, g in zip(wanted, have, strict=True))

    def _instance(self, wanted: Instance, have: ProperType, around: _Pairs) -> Breach | None:
        if isinstance(have, FunctionLike):
            call = member(wanted, CALL, wanted) if wanted.type.is_protocol else None
            breach = self._value(call, have, around) if call is not None else None
            return breach._replace(by=wanted.type.name) if breach is not None else None
        if isinstance(have, (TupleType, TypedDictType)):
            have = tuple_fallback(have) if isinstance(have, TupleType) else have.fallback
        if not isinstance(have, Instance):
            return None
        if wanted.type not in have.type.mro:
            return self._protocol(wanted, have, around) if wanted.type.is_protocol else None
        found: list[Breach | None] = []
        mapped = map_instance_to_supertype(have, wanted.type)
        for variable, promise, given in zip(wanted.type.defn.type_vars, wanted.args, mapped.args, strict=False):
            variance = variable.variance if isinstance(variable, TypeVarType) else COVARIANT
            if variance != CONTRAVARIANT:
                found.append(_inside(self._value(promise, given, around), "item"))
            if variance != COVARIANT:
                found.append(_flipped(self._value(given, promise, around), "item"))
        return _first(found)

    def _protocol(self, wanted: Instance, have: Instance, around: _Pairs) -> Breach | None:
        self.opened.update((wanted.type, have.type))
        for name in wanted.type.protocol_members:
            breach = self._compared(wanted, have, name, have, around)
            if breach is not None:
                return breach
        return None

    def _class(self, wanted: TypeType, have: ProperType, around: _Pairs) -> Breach | None:
        """A class where `type[Base]` is promised: whoever has it makes objects with it."""
        if isinstance(have, FunctionLike) and have.is_type_obj():
            item = get_proper_type(have.items[0].ret_type)
        elif isinstance(have, TypeType):
            item = get_proper_type(have.item)
        else:
            return None
        base = get_proper_type(wanted.item)
        if not isinstance(base, Instance) or not isinstance(item, Instance) or base.type is item.type:
            return None
        self.opened.update((base.type, item.type))
        made = _first(self._compared(base, item, name, item, around) for name in CONSTRUCTORS)
        is_structural = base.type.is_protocol and base.type not in item.type.mro
        return made or (self._protocol(base, item, around) if is_structural else None)

    # Functions

    def _function(self, wanted: FunctionLike, have: ProperType, around: _Pairs) -> Breach | None:
        given = self._called(have)
        if given is None:
            return None
        if isinstance(have, Instance) and self._is_consumed(have, have.type, CALL):
            return Breach(Promised.RECEIVER, Ownership.OWNED, Ownership.BORROWED, self._spell(have))
        for promise in wanted.items:
            # mypy takes the first item of an overload that fits.
            fits = (one for one in given.items if len(given.items) == 1 or is_subtype(one, promise))
            one = next(fits, None)
            breach = self._signature(promise, one, around) if one is not None else None
            if breach is not None:
                return breach
        return None

    def _called(self, have: ProperType) -> FunctionLike | None:
        """The signature that a value is called with."""
        if isinstance(have, FunctionLike):
            return have
        call: Type | None = None
        if isinstance(have, TypeType):
            made = get_proper_type(have.item)
            # What the constructor gives is the class itself: only its parameters can be wrong.
            call = member(made, CONSTRUCTORS[0], made) if isinstance(made, Instance) else None
        elif isinstance(have, Instance) and have.type.fullname not in LOOKING_OBJECTS:
            partial = have.extra_attrs.attrs.get(_PARTIAL) if have.extra_attrs is not None else None
            self.opened.add(have.type)
            call = partial if partial is not None else member(have, CALL, have)
        proper = get_proper_type(call)
        return proper if isinstance(proper, FunctionLike) else None

    def _signature(self, promise: CallableType, given: CallableType, around: _Pairs) -> Breach | None:
        lends = self.facts.lends_receiver(given)
        pairs = ((formal, one) for formal, one in _parameters(promise, given) if not (lends and one.pos == 0))
        return (
            _first(self._parameter(*pair, around) for pair in pairs)
            or self._result(promise.ret_type, given.ret_type)
            or _inside(self._value(promise.ret_type, given.ret_type, around), "result")
        )

    def _parameter(self, promise: FormalArgument, given: FormalArgument, around: _Pairs) -> Breach | None:
        promised, type_ = self.facts.declared_mode(promise.typ), given.typ
        if isinstance(promise.typ, UnpackType) or isinstance(type_, UnpackType):
            return None
        taken = self._taken(type_)
        name = given.name or promise.name or ""
        position = (given.pos if given.pos is not None else promise.pos) or 0
        if promised in _LENT and taken is not None and self._may_own(promise.typ):
            stronger = taken is Ownership.OWNED or (taken is Ownership.BORROWED and promised is Ownership.SHARED)
            if stronger:
                assert promised is not None
                spelled = self._spell(get_proper_type(promise.typ))
                return Breach(Promised.PARAMETER, taken, promised, spelled, name, position)
        elif (lent := self._result(type_, promise.typ)) is not None:
            # A container: what is in it is lent, and would be taken.
            return lent._replace(what=Promised.PARAMETER, actual=lent.promised, promised=lent.actual, parameter=name)
        return _flipped(self._value(type_, promise.typ, around), name) if self.concerns.by_call(type_) else None

    def _taken(self, type_: Type) -> Ownership | None:
        """How a parameter takes its argument; None where nobody said what it is."""
        proper = get_proper_type(type_)
        if isinstance(proper, AnyType) and proper.type_of_any is not TypeOfAny.explicit:
            return None
        return self.facts.taking_mode(type_)

    def _may_own(self, type_: Type) -> bool:
        return self.facts.is_affine(type_) or isinstance(get_proper_type(type_), AnyType) or has_type_vars(type_)

    def _result(self, promise: Type, given: Type) -> Breach | None:
        """A loan where something to own is promised, or something that gives one: a coroutine, a list."""
        lent = self.facts.declared_mode(given)
        promised = self.facts.declared_mode(promise)
        if lent in _LENT:
            if promised not in _LENT and self.facts.is_affine(promise):
                assert lent is not None
                return Breach(Promised.RESULT, lent, Ownership.OWNED, self._spell(get_proper_type(promise)))
            return None
        wanted, have = get_proper_type(promise), get_proper_type(given)
        if promised in _LENT or not isinstance(wanted, Instance) or not isinstance(have, Instance):
            return None
        if not wanted.args or wanted.type not in have.type.mro:
            return None
        mapped = map_instance_to_supertype(have, wanted.type)
        return _first(self._result(p, g) for p, g in zip(wanted.args, mapped.args, strict=False))

    # Classes

    def overrides(self, info: TypeInfo) -> Iterator[tuple[str, TypeInfo, Breach]]:
        """The members of a class that break a promise of a base, each with the class that it stands in.

        That is the class itself, or (of two bases that are combined here) the one that comes first.
        """
        bases = [base for base in info.mro if base.fullname != OBJECT]
        itself = instance_of(info)
        for name in sorted(LOOKING_METHODS.intersection(self.facts.consuming(info))):
            if self.facts.is_affine(itself):
                ends = Breach(Promised.RECEIVER, Ownership.OWNED, Ownership.BORROWED, self._spell(itself))
                yield name, info, ends._replace(member=name, of=info.name)
        if len(bases) < 2:
            return
        yield from self._consumed_by_bases(itself)
        for name in _names(bases):
            definers = [base for base in bases if name in base.names]
            first = definers[0]
            broken: list[tuple[TypeInfo, Breach]] = []
            for base in definers[1:]:
                node = first.names[name].node
                if isinstance(node, Var) and node.is_inferred:
                    # What it is given is compared where that stands.
                    continue
                if first is not info and base in first.mro:
                    continue
                if not (self.concerns.symbol_matters(first, name) or self.concerns.symbol_matters(base, name)):
                    continue
                breach = self._compared(
                    map_instance_to_supertype(itself, base), map_instance_to_supertype(itself, first), name, itself, ()
                )
                # What the base in between says of its own base is its own mistake.
                if breach is not None and not self._is_inherited(name, definers[1:], base):
                    broken.append((base, breach))
            if broken:
                yield name, first, broken[0][1]

    def _consumed_by_bases(self, itself: Instance) -> Iterator[tuple[str, TypeInfo, Breach]]:
        """Methods that a class inherits from one that is not affine, and that take by move what has an owner here."""
        bases = itself.type.mro[1:]
        for base in bases if self.facts.is_affine_class(itself.type) else ():
            if any(base in one.mro and self.facts.is_affine_class(one) for one in bases):
                continue
            seen = map_instance_to_supertype(itself, base)
            for name in sorted(self.facts.consuming(base)):
                symbol = itself.type.get(name)
                if symbol is not None and symbol.node is getattr(base.names.get(name), "node", None):
                    breach = self._compared(seen, seen, name, itself, ())
                    if breach is not None:
                        yield name, base, breach

    def implementation(self, node: OverloadedFuncDef) -> Breach | None:
        """What the implementation of an overload breaks of what its items promise."""
        given = get_proper_type(declared(node.impl))
        if node.is_property or not isinstance(given, CallableType):
            return None
        promises = [get_proper_type(declared(item)) for item in node.items]
        return _first(self._signature(one, given, ()) for one in promises if isinstance(one, CallableType))

    def _is_inherited(self, name: str, between: list[TypeInfo], base: TypeInfo) -> bool:
        """Whether a class between the override and `base` breaks the promise of `base` already."""
        for info in between[: between.index(base)]:
            if base in info.mro:
                itself = instance_of(info)
                if self._compared(map_instance_to_supertype(itself, base), itself, name, itself, ()) is not None:
                    return True
        return False

    def _compared(
        self, promise: Instance, given: Instance, name: str, receiver: Instance, around: _Pairs
    ) -> Breach | None:
        """What a member of one class breaks of what the member of the same name of another one promises."""
        breach: Breach | None
        if self._is_consumed(receiver, given.type, name) and not self._is_consumed(promise, promise.type, name):
            breach = Breach(
                *(Promised.RECEIVER, Ownership.OWNED, Ownership.BORROWED, self._spell(receiver)),
                is_unmarked=self.facts.is_consuming(promise.type, name),
            )
        else:
            wanted, have = member(promise, name, receiver), member(given, name, receiver)
            if wanted is None or have is None:
                return None
            breach = self._result(wanted, have) or self._value(wanted, have, around)
        # Where the member is itself something with members, those are what a reader looks for.
        if breach is None or breach.member:
            return breach
        return breach._replace(member=name, of=given.type.name, by=promise.type.name)

    def _is_consumed(self, receiver: Instance, info: TypeInfo, name: str) -> bool:
        return self.facts.is_affine(receiver) and self.facts.is_consuming(info, name)


def _first(breaches: Iterator[Breach | None] | list[Breach | None]) -> Breach | None:
    return next((breach for breach in breaches if breach is not None), None)


def _inside(breach: Breach | None, where: str) -> Breach | None:
    """A breach of what is an item, or the result, of what was compared."""
    if breach is None or breach.member:
        # The member says where it is.
        return breach
    return breach._replace(path=(where, *breach.path))


def _flipped(breach: Breach | None, where: str) -> Breach | None:
    """A breach by what a function may be passed, or a container be filled with, where it stands."""
    inside = _inside(breach, where)
    return inside._replace(flipped=not inside.flipped) if inside is not None else None


def _parameters(promise: CallableType, given: CallableType) -> Iterator[tuple[FormalArgument, FormalArgument]]:
    """Each parameter that a caller knows of, with those that get its argument, by position or by name."""
    if promise.is_ellipsis_args or given.is_ellipsis_args:
        return
    star, double = _starred(given.var_arg(), given, "*"), _starred(given.kw_arg(), given, "**")
    known = {name for name in promise.arg_names if name is not None}
    for formal in promise.formal_arguments():
        found = [given.argument_by_position(formal.pos), given.argument_by_name(formal.name)]
        if found[0] == found[1]:
            del found[1]
        yield from ((formal, one) for one in found if one is not None and not _takes_anything(one, star, double))
    every = given.formal_arguments()
    if (rest := promise.var_arg()) is not None:
        later = [one for one in every if one.pos is not None and rest.pos is not None and one.pos >= rest.pos]
        yield from ((rest, one) for one in [*later, star] if one is not None and not _takes_anything(one, star, None))
    if (rest := promise.kw_arg()) is not None:
        others = [one for one in every if one.name is not None and one.name not in known]
        yield from (
            (rest, one) for one in [*others, double] if one is not None and not _takes_anything(one, None, double)
        )


def _starred(one: FormalArgument | None, function: CallableType, stars: str) -> FormalArgument | None:
    """`*args` or `**kwargs`, with the name that mypy leaves out."""
    if one is None:
        return None
    kind = ARG_STAR if stars == "*" else ARG_STAR2
    name = function.arg_names[function.arg_kinds.index(kind)]
    return FormalArgument(stars + name if name else None, one.pos, one.typ, one.required)


def _takes_anything(one: FormalArgument, star: FormalArgument | None, double: FormalArgument | None) -> bool:
    """Whether a parameter is (a part of) `*args: Any` or `**kwargs: Any`, by which a function fits any signature."""
    return any(
        other is not None and one.typ is other.typ and isinstance(get_proper_type(one.typ), AnyType)
        for other in (star, double)
    )


def _names(bases: list[TypeInfo]) -> list[str]:
    """The names to compare in a class with these bases, itself first: its own, and those that two of them define."""
    info, *others = bases
    names = dict.fromkeys(info.names)
    if len(info.bases) > 1:
        names.update(dict.fromkeys(name for base in others for name in base.names))
    # As in mypy: each class has constructors and private names of its own.
    return [name for name in names if name not in _EXEMPT and not (name.startswith("__") and not name.endswith("__"))]


_EXEMPT = frozenset({*CONSTRUCTORS, "__init_subclass__", "__post_init__", "__replace__"})
