"""The proof: the checker is held against Python itself, on random programs. See `docs/proof.md`.

- `language`: what the programs are made of
- `generate`: random programs, from a seed
- `spelling`: writes a program twice: with types for mypy, and as its instrumented twin for CPython
- `twin`: what the twin runs on: owners that know when they are touched after giving their value away
- `check`: runs both and compares
- `shrink`: makes a program that fails smaller
"""
