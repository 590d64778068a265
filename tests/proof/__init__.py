"""The proof: the checker is held against Python itself, on random programs. See `docs/proof.md`.

- `language`: what the programs are made of, by topic
- `generate`: random programs, from a seed, by topic
- `spelling`: writes a program twice: with types for mypy, and as its instrumented twin for CPython
- `owner`: who holds a value while a twin runs
- `twin`: what the twin runs on: it notices when an owner is touched after giving its value away
- `check`: runs both and compares
- `vary`, `fixtures`: say a program, or a fixture, in other words
- `shrink`: makes a program that fails smaller
"""
