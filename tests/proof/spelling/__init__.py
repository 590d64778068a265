"""Writes a program twice, line by line: with types for mypy, and as the instrumented twin for CPython.

Each construct is written in one place, both ways, so that what a line of the program does is what its twin does.
The twin names the line of the program at everything that touches a place.

A topic of the language is a module with a table: which function writes which class of nodes. A `Writer` looks nodes up
in all tables, so that no module of a topic needs to know those that come after it.
"""
