"""What a program's twin runs on: owners that remember giving their value away, and a stream of decisions.

A variable or field of the twin holds an `Owner`. To move a value makes a new owner and leaves the old one *gone*; to
touch an owner that is gone is a mistake, and is written down with its line. What is gone where is thus decided by
CPython alone: it runs the loops, the handlers and the `finally` blocks.

The truth that is recorded follows the ownership rules where they say more than Python does: after a mistake the
owner counts as whole again; what a loop or pattern binds is taken by move if some run moves it, else it is a view.

A twin knows one object, its `Run`. What that does is in layers, each a module and a class that knows the ones below:
decisions, mistakes, loans, values, containers, functions, renewing, tasks, generators, and at last the run itself.
"""
