"""Which fields of a paper that was read deserve another look: missing ones, and those that fail their own check."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ocr import coded
from ocr.gather import Draft
from ocr.kinds import dispatch, vat
from ocr.rules.amounts import sums_agree
from ocr.rules.taxid import TaxIdKind, check_ok, classify
from ocr.types import CodeSighting, FieldName, Kind

_NET, _TAX, _TOTAL = FieldName.NET, FieldName.TAX, FieldName.TOTAL
_SUMS: Final = frozenset({_NET, _TAX, _TOTAL})
_PARTIES: Final = frozenset({FieldName.BUYER_NAME, FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID})
_WANTED_DIGITAL: Final = frozenset({FieldName.NUMBER, FieldName.DATE, _NET, _TOTAL}) | _PARTIES
_WANTED_VAT: Final = _WANTED_DIGITAL | {FieldName.CODE}
_WANTED_SLIP: Final = frozenset({FieldName.CODE, FieldName.NUMBER, FieldName.DATE, _TOTAL})
_WANTED_SALE: Final = _WANTED_SLIP | _PARTIES | {FieldName.VEHICLE}
_WANTED: Final = {
    Kind.VAT_ROLL: _WANTED_SLIP | {FieldName.CHECK_CODE, FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID},
    Kind.VEHICLE: _WANTED_SALE | _SUMS,
    Kind.USED_VEHICLE: _WANTED_SALE,
    Kind.DIG_VEHICLE: (_WANTED_SALE | _SUMS) - {FieldName.CODE},
    Kind.DIG_USED_VEHICLE: _WANTED_SALE - {FieldName.CODE},
    Kind.BLOCKCHAIN: _WANTED_SLIP | _PARTIES | {FieldName.CHECK_CODE},
    Kind.TAXI: _WANTED_SLIP,
    Kind.COACH: _WANTED_SLIP,
    Kind.MACHINE_GENERAL: _WANTED_SLIP,
    Kind.QUOTA: frozenset({FieldName.CODE, FieldName.NUMBER}),
    Kind.TRAIN_PAPER: _WANTED_SLIP - {FieldName.CODE},
    Kind.RAIL_E: _WANTED_SLIP - {FieldName.CODE},
    Kind.DIG_SPECIAL: _WANTED_DIGITAL,
    Kind.DIG_PAPER_SPECIAL: _WANTED_VAT,
    Kind.DIG_PAPER_NORMAL: _WANTED_VAT,
    Kind.DIG_NORMAL: _WANTED_DIGITAL,
    Kind.FISCAL: frozenset(
        {FieldName.CODE, FieldName.NUMBER, FieldName.DATE, FieldName.CHECK_CODE, FieldName.SELLER_NAME, _TOTAL}
    ),
}
_POOR: Final = 0.75  # of a value that nothing but its reading stands for


def doubtful_fields(found: Draft, codes: Sequence[CodeSighting]) -> frozenset[FieldName]:
    """Fields of a form worth another look: missing, or failing the check that they carry."""
    wanted = _WANTED.get(found.kind) or (_WANTED_VAT if found.kind in vat.KINDS else None)
    if wanted is None:
        return frozenset()
    said = {value.name for value in found.values}
    said |= {value.name for code in codes for value in coded.values_of(code)}
    doubtful = set(wanted - said)
    if found.kind not in dispatch.FORMS:  # no sum bears out what a slip says
        doubtful |= {name for name in wanted & said if _poorly_read(found, name)}
    for name in (FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID):
        ids = found.said(name)
        if ids and not any(_stands(text) for text in ids):
            doubtful.add(name)
    if said >= _SUMS and not _sums_fit(found):
        doubtful |= _SUMS
    elif _TAX not in said and said >= {_NET, _TOTAL} and not set(found.said(_NET)) & set(found.said(_TOTAL)):
        doubtful.add(_TAX)
    doubtful |= _named_in_remark(found) - said
    if _words_disagree(found):
        doubtful |= {_TOTAL, FieldName.TOTAL_IN_WORDS}
    return frozenset(doubtful)


def _named_in_remark(found: Draft) -> frozenset[FieldName]:
    """What only the remark says, often under the seller's seal: whom a red letter reverses, for whom an office issued."""
    wanted: set[FieldName] = set()
    if any(Decimal(text) < 0 for text in found.said(_TOTAL)):
        wanted |= {FieldName.RED_OF, FieldName.REMARK}
    if any(classify(text) is TaxIdKind.AGENT for text in found.said(FieldName.SELLER_TAX_ID)):
        wanted |= {FieldName.REAL_SELLER_TAX_ID, FieldName.REAL_SELLER_NAME}
    return frozenset(wanted)


def _words_disagree(found: Draft) -> bool:
    """Whether there are words for the total (大写) but no figures of their own that say the same."""
    words = [value for value in found.values if value.name is FieldName.TOTAL_IN_WORDS]
    places = {value.box for value in words}
    figures = {value.value for value in found.values if value.name is _TOTAL and value.box not in places}
    return bool(words) and not figures & {value.value for value in words}


def _stands(tax_id: str) -> bool:
    """Whether a tax id speaks for itself; what a seal has shortened often has the form of an old one without a check."""
    return check_ok(tax_id) is True or classify(tax_id) is TaxIdKind.AGENT


def _poorly_read(found: Draft, name: FieldName) -> bool:
    return all(value.confidence < _POOR for value in found.values if value.name is name)


def _sums_fit(found: Draft) -> bool:
    net, tax, total = ([Decimal(text) for text in found.said(name)] for name in (_NET, _TAX, _TOTAL))
    return any(sums_agree(a, b, c) for a in net for b in tax for c in total)
