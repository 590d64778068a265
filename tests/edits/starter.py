"""Starts mypy without waiting for its import: a process that has imported it, and forks for each run.

It never runs mypy itself, so each run starts as a new process does. Run as a script: each line of the input is a
command line as JSON, each line of the output what came of it.
"""

from __future__ import annotations

import io
import json
import os
import sys

import mypy.main

import mypy_plugin.hooks  # noqa: F401 - as mypy would, a little later


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _run(json.loads(line), writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as answer:
            sys.stdout.write(answer.read() + "\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


def _run(arguments: list[str], answer: int) -> None:
    # mypy's workers are not to find the commands.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    out, err = io.StringIO(), io.StringIO()
    status: object = 0
    sys.argv = ["mypy", *arguments]
    try:
        mypy.main.main(args=arguments, stdout=out, stderr=err, clean_exit=True)
    except SystemExit as error:
        status = error.code
    except BaseException as error:
        status, _ = 3, err.write(repr(error))
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        json.dump([status, out.getvalue(), err.getvalue()], file)
    os._exit(0)


if __name__ == "__main__":
    main()
