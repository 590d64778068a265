"""One module, from its typed tree to mypy errors: lower each body, solve it, word the findings, report them.

Owns which bodies are looked at, and what is found in them and in the signatures of a module. When this happens is the
business of `judging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import cast

from mypy.checker import TypeChecker
from mypy.messages import format_type_bare
from mypy.nodes import CallExpr, Context, Decorator, Expression, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo
from mypy.options import Options
from mypy.types import CallableType, Type, UnionType, get_proper_type

from . import checkpoint, codes
from .answers import Answers
from .bodies import Target, bodies_with, functions_in, functions_of, is_checked
from .budget_facts import BudgetFacts
from .callees import Callees
from .debt_facts import DebtFacts
from .dependencies import Dependencies
from .findings import Finding, UseAfterMove
from .fullnames import PACKAGE
from .graph import Graph
from .lower import Minting, Module, is_attribute_by_name, lower_function, lower_module
from .lower.factories import Factories
from .lower.joined import Joined
from .memory import Remembered
from .promises import Promises
from .reporting import ModuleFindings, reporting
from .solve import findings
from .sources import imports_of_package, is_ours, is_test
from .summaries import Summaries
from .typing_facts import Facts
from .wording import Code, Message, Traits, implemented, not_installed, overridden, word

__all__ = ["check_module", "worded"]


def check_module(
    checker: TypeChecker, promises: Promises, may_mint: bool, remembered: Remembered | None = None
) -> ModuleFindings:
    """Report what is wrong with ownership in the module that `checker` has checked, and return it.

    `promises`: what is known of types, which depends on the configuration. `may_mint`: it lets the module make budgets.
    `remembered`: in the daemon, what is known from the last time. Whatever goes wrong in here becomes one error on the
    module; mypy's own result is never harmed.
    """
    found: ModuleFindings = {}
    dependencies = remembered.dependencies if remembered is not None else None
    with reporting(checker) as report:
        try:
            for statement, name in imports_of_package(checker.tree):
                if checker.modules.keys().isdisjoint((PACKAGE, name)):
                    report(Target(None, None), statement, not_installed())
                break
            targets = functions_of(checker.tree)
            found.update((target.function, []) for target in targets)
            _check_bodies(checker, targets, promises, may_mint, remembered, found)
            signatures = _check_definitions(checker, targets, promises, dependencies)
            for target in targets:
                for node, message in [*found[target.function], *signatures.get(target.function, ())]:
                    report(target, node, message)
        except Exception as error:
            report.failure(error)
            # Nothing of it is to be kept.
            found.clear()
        # In every update mypy checks again whatever it has an error in, and it may do so without a hook of ours.
        if dependencies is not None and report.is_in_error():
            report.come_back()
    return found


def _minting(checker: TypeChecker, allowed: bool) -> Minting | None:
    """What `budget-minted` needs to know, or None where it is off: a test may make what it likes."""
    if not checker.errors.is_error_code_enabled(codes.BUDGET_MINTED) or is_test(checker.path):
        return None
    return Minting(allowed, BudgetFacts())


def _debts(checker: TypeChecker, facts: Facts) -> DebtFacts | None:
    """What `budget-dropped` needs to know, or None where it is off: by its own name it is on for all affine classes."""
    if not checker.errors.is_error_code_enabled(codes.BUDGET_DROPPED):
        return None
    is_named = codes.BUDGET_DROPPED in checker.options.enabled_error_codes
    return DebtFacts(facts, all_affine=is_named, is_test=is_test(checker.path))


def _check_bodies(
    checker: TypeChecker,
    targets: list[Target],
    promises: Promises,
    may_mint: bool,
    remembered: Remembered | None,
    found: ModuleFindings,
) -> None:
    """Add to `found` what is wrong in each body."""
    again = remembered or Remembered()
    dependencies = remembered.dependencies if remembered is not None else None
    types, minting = checker._type_maps[0], _minting(checker, may_mint)
    joined = Joined(checker.tree, promises.facts)
    bodies = [target.function for target in targets]
    if dependencies is not None:
        known = again.edited is not None and dependencies.as_function(checker, again.edited)
        if not known and (again.edited is not None or again.found is None):
            dependencies.as_whole(checker)
    checked = _checked_again(checker, bodies, again)
    changed = _answered_anew(checker, again, promises, minting, joined) - checked if again.found is not None else set()
    if changed:
        types = types | again.types.of(changed)
        checked = checked | changed
    module = _module(checker, types, targets, promises, minting, joined)
    concerned = _concerned(module, bodies, checked) if checked else set()
    if again.found is None:
        if not concerned:
            return
        # All bodies are judged, and will ask of most expressions.
        module.affine.update(module.facts.are_affine(types))
    for function in bodies:
        if again.found is not None and function not in checked:
            found[function] = again.found.get(function, [])
            continue
        if not is_checked(function, checker.options):
            continue
        if dependencies is not None and again.found is not None and again.edited is None and function not in changed:
            dependencies.as_function(checker, function)
        again.answers.pop(function, None)
        again.types.drop(function)
        if function in concerned:
            found[function] = _check_body(module, checker, function)
            if dependencies is not None:
                _keep_answers(checker, again, function, promises, minting, joined)
    # Nobody comes back to what was asked in a run that ends.
    promises.answers.clear()
    again.types.keep(checked & again.answers.keys(), types, bodies)


def _checked_again(checker: TypeChecker, bodies: list[FuncDef | None], known: Remembered) -> set[FuncDef | None]:
    """The bodies that mypy has checked since the last time: all of them, but in the daemon."""
    if known.edited is not None:
        return {known.edited}
    if known.found is None:
        return set(bodies)
    # What mypy makes of f-strings is on no line.
    lines = {node.line for node in checker._type_maps[0] if node.line > 0 and not checkpoint.is_planted(node)}
    checked = bodies_with(lines, bodies)
    return set(filter(known.is_taken_up, checked)) if checkpoint.is_until_done(checker) else checked


def _answered_anew(
    checker: TypeChecker, known: Remembered, promises: Promises, minting: Minting | None, joined: Joined
) -> set[FuncDef | None]:
    """The bodies for which something would be answered in another way than when they were judged."""
    budgets = minting.budgets if minting is not None else None
    changed = {function for function, its in known.answers.items() if not its.still_hold(promises, budgets, joined)}
    # The same may have been answered by way of other classes.
    known.dependencies.on_fields(checker.tree, _opened(promises, budgets))
    Answers.given(promises, budgets, joined)
    return changed


def _keep_answers(
    checker: TypeChecker,
    known: Remembered,
    function: FuncDef | None,
    promises: Promises,
    minting: Minting | None,
    joined: Joined,
) -> None:
    """Note what was asked since the last body, and have the daemon come back when that may change."""
    budgets = minting.budgets if minting is not None else None
    known.dependencies.on_fields(checker.tree, _opened(promises, budgets))
    answers = Answers.given(promises, budgets, joined)
    if answers is not None:
        known.answers[function] = answers


def _module(
    checker: TypeChecker,
    types: dict[Expression, Type],
    targets: list[Target],
    promises: Promises,
    minting: Minting | None,
    joined: Joined,
) -> Module:
    """What the lowering of all bodies of a module shares."""
    return Module(
        checker.tree.fullname,
        types,
        promises.facts,
        Callees(promises.facts),
        checker.options.check_untyped_defs,
        cache(partial(is_ours, checker=checker)),
        promises,
        minting,
        Summaries(checker.modules),
        Factories(checker.tree.fullname, checker.modules, promises.facts),
        watches_escapes=checker.errors.is_error_code_enabled(codes.BUDGET_ESCAPE),
        debts=_debts(checker, promises.facts),
        joined=joined,
        decorators={
            target.function: target.decorators
            for target in targets
            if target.function is not None and target.decorators
        },
    )


def _check_body(module: Module, checker: TypeChecker, function: FuncDef | None) -> list[tuple[Context, Message]]:
    """What is wrong in one body; None is the module's own."""
    if function is None:
        graphs = lower_module(module, checker.tree)
    else:
        graphs = lower_function(module, function, function.name)
    return [
        (cast(Context, finding.event.node), message)
        for finding, message in worded(graphs, module.types, module.facts, checker.options)
    ]


def _opened(promises: Promises, budgets: BudgetFacts | None) -> set[TypeInfo]:
    """The classes whose fields were looked at for the last body, or before it."""
    every = [promises.opened, *([budgets.opened] if budgets is not None else [])]
    opened = set().union(*every)
    for each in every:
        each.clear()
    return opened


def _concerned(module: Module, bodies: list[FuncDef | None], checked: set[FuncDef | None]) -> set[FuncDef | None]:
    """The bodies that may go wrong: all others need not be lowered. `checked`: those that are asked about."""
    types: Mapping[Expression, Type] = module.types
    only = next(iter(checked)) if len(checked) == 1 else None
    if only is not None:
        last = only.end_line or only.line
        types = {node: type_ for node, type_ in types.items() if only.line <= node.line <= last}
    concerned = {
        function
        for function in checked
        # What has to be used up may never be named.
        if function is not None
        and (
            _signature_concerns(module.promises, function)
            or (module.debts is not None and _owes(function, module.debts))
        )
    }
    if concerned:
        # What stands in these need not be asked for.
        theirs = {line for function in concerned for line in range(function.line, (function.end_line or 0) + 1)}
        types = {node: type_ for node, type_ in types.items() if node.line not in theirs}
    lines = _lines_that_matter(module, types)
    return concerned | (bodies_with(lines, bodies) if lines else set())


def _lines_that_matter(module: Module, types: Mapping[Expression, Type]) -> set[int]:
    """The lines with an expression that can be right or wrong by our rules."""
    # mypy gives the same type to many expressions.
    distinct = {id(type_): type_ for type_ in types.values()}
    mattering = module.promises.concerns.mattering(distinct.values())
    if module.summaries is not None:
        mattering |= module.summaries.methods(distinct.values())
    lines = {node.line for node, type_ in types.items() if id(type_) in mattering} if mattering else set()
    if module.minting is not None:
        budgets = module.minting.budgets
        lines.update(node.line for node, type_ in types.items() if budgets.minted_class(type_) is not None)
    if module.watches_escapes:
        # The one escape without an affine expression in it.
        lines.update(node.line for node in types if isinstance(node, CallExpr) and is_attribute_by_name(node))
    return lines


def _check_definitions(
    checker: TypeChecker, targets: list[Target], promises: Promises, dependencies: Dependencies | None
) -> ModuleFindings:
    """What is wrong with overrides and overloads, by the function that a reader finds it in; None is the module's body.

    It is read off signatures alone. So it is found anew each time, whatever mypy has checked again.
    """
    found: ModuleFindings = {}
    functions = {target.function for target in targets}

    def add(node: Context, message: Message) -> None:
        function = node if isinstance(node, FuncDef) and node in functions else None
        found.setdefault(function, []).append((node, message))

    for node in _definitions(checker, targets):
        if isinstance(node, OverloadedFuncDef):
            breach = promises.implementation(node)
            if breach is not None and node.impl is not None:
                add(_reported_at(node.impl), implemented(breach, node.name))
            continue
        if dependencies is not None:
            dependencies.on_members(checker.tree, node)
        for name, owner, breach in promises.overrides(node):
            member = owner.names[name].node if owner is node else None
            add(node.defn if member is None else _reported_at(member), overridden(breach, name, node.name))
    return found


def _definitions(checker: TypeChecker, targets: list[Target]) -> Iterator[TypeInfo | OverloadedFuncDef]:
    """The classes and overloads of a module, those of classes in functions that mypy checks included."""
    unchecked = [
        target.function
        for target in targets
        if target.function is not None and not is_checked(target.function, checker.options)
    ]
    for _, symbol, _ in checker.tree.local_definitions():
        node = symbol.node
        if isinstance(node, (TypeInfo, OverloadedFuncDef)) and not any(
            function.line <= node.line <= (function.end_line or function.line) for function in unchecked
        ):
            yield node


def _reported_at(node: SymbolNode) -> Context:
    """Where mypy reports what is wrong with an override: the `def`, below its decorators."""
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        node = node.items[0]
    return node.func if isinstance(node, Decorator) else node


def _owes(function: FuncDef, debts: DebtFacts) -> bool:
    """Whether a function, or one nested in it, takes what has to be used up. It may never name it."""
    formals = function.type.arg_types if isinstance(function.type, CallableType) else []
    return any(map(debts.concerns, formals)) or any(
        nested.function is not None and _owes(nested.function, debts)
        for nested in functions_in(function.body.body, None)
    )


def _signature_concerns(promises: Promises, function: FuncDef) -> bool:
    """Whether a body may go wrong with no affine expression in it.

    A callable that fits nowhere by itself may be returned, or be a default; and one that is taken is used up.
    """
    return promises.concerns.by_call(function.type) or promises.facts.takes_function(function.type)


def worded(
    graphs: list[Graph], types: dict[Expression, Type], facts: Facts, options: Options
) -> list[tuple[Finding, Message]]:
    """The messages for one body and those nested in it; copies of a `finally` say the same thing once."""
    messages: dict[tuple[Context, Code], tuple[Finding, Message]] = {}
    for graph in graphs:
        for finding in findings(graph):
            node = finding.event.node
            assert isinstance(node, Context)
            message = _word(finding, graph, types, facts, options)
            messages.setdefault((node, message.code), (finding, message))
    return list(messages.values())


def _word(finding: Finding, graph: Graph, types: dict[Expression, Type], facts: Facts, options: Options) -> Message:
    place = graph.places[finding.event.place]
    root = graph.places[graph.root(place.index)]
    # What a hint speaks of is the value that moved; the use may be of something below it.
    about = finding.moves[0].event if isinstance(finding, UseAfterMove) else finding.event
    type_ = types.get(about.node) if isinstance(about.node, Expression) else None
    return word(finding, place, root, _traits(type_, facts, options))


def _traits(type_: Type | None, facts: Facts, options: Options) -> Traits:
    """What a hint may say of a value; of `Budget | None`, what it says of the Budget."""
    proper = get_proper_type(type_) if type_ is not None else None
    items = proper.items if isinstance(proper, UnionType) else [proper]
    owned = [item for item in items if item is not None and facts.is_affine(item)]
    if proper is None or not owned:
        return Traits("T", splits=False)
    shown = owned[0] if len(owned) == 1 else proper
    return Traits(format_type_bare(shown, options), all(map(facts.can_split_evenly, owned)))
