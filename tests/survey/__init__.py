"""A survey: the plugin over much code that was not written for it, to see that it breaks nothing.

`corpora` says which code, `classes` which of its classes are made affine, `runs` asks mypy with and without the plugin,
`table` writes down what came out; `python -m survey` does it all. See `docs/crash-safety.md`.
"""
