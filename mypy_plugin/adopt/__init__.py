"""Adopt `Budget` in a code base that passes its caps as numbers.

    sources ──▶ caps ──▶ uses ──▶ listing
                           └────▶ groups ──▶ rewrite ──▶ checked again ──▶ files

A cap is a parameter, field or variable that is a number by its type and a cap by its name (`names`). What is done with
it (`uses`) decides whether it can be a `Budget`, together with all that it flows into and comes from. Everything but
`run` is text and syntax: no types, no mypy.
"""
