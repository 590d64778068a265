"""`make soak`: many more random edits than the tests make, from a new seed."""

from __future__ import annotations

import argparse
import random
import sys
import time

from .machine import Asked, edit_at_random

AT_A_TIME = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m edits", description=__doc__)
    parser.add_argument("--edits", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    options = parser.parse_args()
    began, total, number = time.monotonic(), Asked(), options.seed
    while total.edits.total() < options.edits:
        try:
            asked = edit_at_random(number, edits=AT_A_TIME)
        except AssertionError as error:
            print(
                f"python -m edits --seed {number} --edits {AT_A_TIME}:",
                *getattr(error, "__notes__", ()),
                error,
                sep="\n",
            )
            return 1
        total.edits += asked.edits
        total.ways += asked.ways
        print(f"{time.monotonic() - began:.0f} s, seed {number}: {total}", flush=True)
        number += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
