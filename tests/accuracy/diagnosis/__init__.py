"""Labelled cases over every cause and every level of match, decided by the real pipeline on a real database.

`slips` makes mistakes as readers and hands make them, `world` the register, companies and papers, `cases` one family of
cases a function, each with its label; `measure` decides them and counts. ``python -m tests.bench.diagnosis``.
"""
