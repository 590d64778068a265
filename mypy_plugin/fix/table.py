"""Which rewrites are tried for which rule, the best first: the one table of the fixer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from .affine_class import mark_affine
from .alias import use_the_field, use_the_original
from .attempts import split_per_turn
from .borrow import lend, lend_if_it_only_looks, lend_the_name
from .defaults import default_to_none, make_one_each
from .edits import Proposal
from .fan_out import split_between, split_between_names, split_per_attempt, split_the_copies
from .held import hold_in_a_with_block
from .keyed import split_per_key
from .mapped import split_per_call
from .merge_back import lend_and_merge_back, split_and_merge_back
from .passed import pass_it_in
from .rounds import split_per_round
from .site import Site

__all__ = ["PROPOSERS", "Proposer", "split_evenly"]

Proposer: TypeAlias = Callable[[Site], Iterator[Proposal]]

PROPOSERS: Final[Mapping[str, tuple[Proposer, ...]]] = {
    "use-after-move": (
        split_per_attempt,
        use_the_original,
        lend_the_name,
        use_the_field,
        lend,
        split_between,
        split_per_round,
        lend_and_merge_back,
    ),
    "budget-copied": (
        default_to_none,
        make_one_each,
        split_the_copies,
        split_per_key,
        lend_if_it_only_looks,
        split_between_names,
        split_per_attempt,
        split_between,
        split_per_round,
        split_per_turn,
        split_per_call,
        lend,
        pass_it_in,
        lend_and_merge_back,
    ),
    "loan-conflict": (lend_if_it_only_looks, split_and_merge_back, split_between, split_per_round, lend),
    "move-of-borrowed": (use_the_original, lend_the_name, lend),
    "ownership-mismatch": (mark_affine, lend),
    "budget-escape": (mark_affine,),
    "budget-dropped": (hold_in_a_with_block,),
}


def split_evenly(site: Site) -> Iterator[Proposal]:
    """For what is known to be handed on in even shares: then a split is right, whatever the message proposes."""
    site = replace(site, reading=replace(site.reading, splits=True))
    yield from split_between(site)
    yield from split_per_round(site)
