"""`make soak`: many more random programs than the tests check, from a new seed.

What fails is made smaller and written down as a fixture, ready to be looked at and committed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from .check import Outcome, check
from .generate import CONSTRUCTS, programs
from .shrink import shrink

BATCH = 400
KEPT = 10
"""How many failures are made smaller and written down."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("--programs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--constructs", default="", help=f"some of {', '.join(sorted(CONSTRUCTS))}")
    parser.add_argument("--directory", type=Path, default=Path("fixtures/proof"), help="where failures are written to")
    options = parser.parse_args()
    constructs = frozenset(options.constructs.split(",")) if options.constructs else CONSTRUCTS
    print(f"seed {options.seed}, {options.programs} programs with {', '.join(sorted(constructs))}", flush=True)
    began = time.monotonic()
    total = Outcome()
    for batch in range(-(-options.programs // BATCH)):
        outcome = check(list(programs(options.seed + batch, BATCH, constructs)))
        for mismatch in outcome.mismatches[: max(0, KEPT - len(total.mismatches))]:
            smallest = shrink(mismatch)
            print(f"{mismatch}\n\nor smaller\n\n{smallest}\n", flush=True)
            _keep(smallest.fixture(), options.directory)
        total.add(outcome)
        print(f"{time.monotonic() - began:.0f} s: {total}", flush=True)
    return 1 if total.mismatches else 0


def _keep(text: str, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    number = 1
    while (path := directory / f"found_{number}.py").exists():
        number += 1
    path.write_text(text, encoding="utf-8")
    print(f"written to {path}")


if __name__ == "__main__":
    sys.exit(main())
