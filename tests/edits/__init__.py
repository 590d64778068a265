"""One truth: a small project is edited at random, and every way of running mypy is asked after each edit.

`project` is what is edited, `ways` asks, `machine` edits; `python -m edits` goes on for long. See `docs/one-truth.md`.
"""
