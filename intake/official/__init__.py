"""Asking official places about an invoice (domain.md §8), and support where that is not enough.

`sites` where · `questions` with which values · `agreement` whether the answer is about our paper · `schedule` how often
and when again · `vocabularies` vendors' words: pure rules. `records` answers kept · `reminders` · `vendor` an interface
asked instead of the page · `cases` contact with support · `walk` the five steps.
"""
