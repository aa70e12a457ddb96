"""A maker of documents that are read in no time: XML of one form, whatever is asked for."""

from __future__ import annotations

from functools import cache

from fixtures.families import digital
from fixtures.stream import Made, graded


@cache
def document(seed: int, index: int) -> Made:
    """As :func:`fixtures.stream.document`."""
    form = next(iter(digital.FAMILY))
    return graded(seed + index, form, "xml", 0)
