"""mypy's daemon without its socket: for each line on the standard input one check, and what it has cost on the output.

    python -I bench/daemon.py CONFIG FILE...

A process of its own, which `measure` starts. It prints seconds of processor time and the most memory so far, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from mypy.dmypy_server import Server, process_start_options


def main() -> None:
    """Check as often as a line comes."""
    config, *files = sys.argv[1:]
    server = Server(process_start_options(["--config-file", config], allow_sources=False), "no-status-file")
    for _ in sys.stdin:
        before = time.process_time()
        answer = server.cmd_check(files, export_types=False, is_tty=False, terminal_width=120)
        took = time.process_time() - before
        if answer["status"] not in (0, 1):
            raise SystemExit(f"mypy failed: {answer}")
        print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), flush=True)


if __name__ == "__main__":
    main()
