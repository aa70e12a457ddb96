"""Who is the buyer and who the seller: a check digit proves a tax id's characters, never its role (domain.md §3.7, §4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ocr.rules.codes import PROVINCES, decode_code, decode_number, region_of_tax_id
from ocr.rules.taxid import check_ok, org_ok, uscc_ok
from ocr.types import Box, FieldName, FieldValue, Kind, Source

BUYER_ABOVE: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER,
        Kind.VAT_NORMAL_PAPER,
        Kind.VAT_E_NORMAL,
        Kind.VAT_E_SPECIAL,
        Kind.VAT_E_TOLL,
        Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL,
    }
)
"""Forms that print the buyer's block above the seller's (§5.2)."""
BUYER_LEFT: Final = frozenset({Kind.DIG_SPECIAL, Kind.DIG_NORMAL})
"""Forms that print the buyer's block left of the seller's (§5.3)."""

CONFIDENT: Final = 0.9
"""A recogniser's confidence below which a check digit alone proves nothing."""

_NAMED: Final = re.compile("代开|税号|识别号|企业")
_OFFICES: Final = frozenset(
    {
        "11", "12", "13", "19", "21", "29", "31", "32", "33", "34", "35", "36", "37", "39", "41", "49", "51", "52", "53", "54",
        "59", "61", "62", "69", "71", "72", "79", "81", "89", "91", "92", "93", "A1", "A9", "N1", "N2", "N3", "N9", "Y1",
    }
)  # fmt: skip
"""Who registered, and what (GB 32100 digits 1–2)."""
_PLACES: Final = PROVINCES.keys() | {"10"}
"""Provinces, and the state's own registrations (§3.7)."""
_TEXT: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT})
_OTHER: Final = {
    FieldName.BUYER_TAX_ID: FieldName.SELLER_TAX_ID,
    FieldName.SELLER_TAX_ID: FieldName.BUYER_TAX_ID,
    FieldName.BUYER_NAME: FieldName.SELLER_NAME,
    FieldName.SELLER_NAME: FieldName.BUYER_NAME,
}


@dataclass(frozen=True, slots=True)
class Parties:
    """The two parties of one paper, as chosen and as seen."""

    kind: Kind
    chosen: Mapping[FieldName, str]
    seen: Mapping[FieldName, tuple[FieldValue, ...]]

    def confused(self, name: FieldName, sources: frozenset[Source]) -> bool:
        """Whether one of the sources says the same text of the other party too."""
        value, others = self.chosen[name], self.seen.get(_OTHER[name], ())
        return any(other.value == value and other.source in sources for other in others)

    def sure(self, name: FieldName) -> bool:
        """Whether a tax id has a fitting check digit and a role that more than a label says.

        From a text layer: printed in the place that the form gives to the party, and the seller's region is not
        another than that of the invoice's code or number. From a recogniser, which must be confident (letters of a seal
        over the id pass both check digits once in 341 times): the organisation code inside fits
        too, both parties were read, the seller's region is the invoice's, and the form's places, or where no place is
        known the buyer's other region, tell who is who.
        """
        if not _exact(self.chosen[name]) or self._in_remark(name) or self._region_denied():
            return False
        both = _OTHER[name] in self.chosen
        if self._sources(name) & _TEXT and self._box(name, _TEXT):
            if both:
                return self.placed()
            seller = name is FieldName.SELLER_TAX_ID and self._region_confirmed()
            return seller and (self.placed() or not self._places_known())
        if not (both and self._both_companies() and self._region_confirmed() and self._confident()):
            return False
        return self.placed() or (not self._places_known() and self._regions_tell())

    def read_twice(self, name: FieldName) -> bool:
        """Whether two unlike recognisers read the id in the place that the form gives to the party."""
        twice = {Source.OCR, Source.OCR_SECOND} <= self._sources(name)
        return twice and _exact(self.chosen[name]) and not self._in_remark(name) and self.roles_hold()

    def roles_hold(self) -> bool:
        """Whether the parties stand in the form's places, their names too, and the seller's region is not another
        than the invoice's.
        """
        names = self._boxes_of_names()
        return self.placed() and (names is None or self._apart(*names)) and not self._region_denied()

    def placed(self) -> bool:
        """Whether both tax ids stand, lying on upright lines, where the form prints buyer and seller.

        The name stands for the id of a party that has none.
        """
        buyer, seller = self._boxes()
        return buyer is not None and seller is not None and self._apart(buyer, seller)

    def _apart(self, buyer: Box, seller: Box) -> bool:
        if not (_upright(buyer) and _upright(seller)):
            return False
        if self.kind in BUYER_ABOVE:
            return buyer.y1 <= seller.y0
        return self.kind in BUYER_LEFT and buyer.x1 <= seller.x0

    def _places_known(self) -> bool:
        """Whether the form has places for the parties and both were seen somewhere."""
        return self.kind in BUYER_ABOVE | BUYER_LEFT and None not in self._boxes()

    def _boxes(self) -> tuple[Box | None, Box | None]:
        buyer = self._box(FieldName.BUYER_TAX_ID) or self._box(FieldName.BUYER_NAME)
        return buyer, self._box(FieldName.SELLER_TAX_ID) or self._box(FieldName.SELLER_NAME)

    def _boxes_of_names(self) -> tuple[Box, Box] | None:
        buyer, seller = self._box(FieldName.BUYER_NAME), self._box(FieldName.SELLER_NAME)
        return None if buyer is None or seller is None else (buyer, seller)

    def _sources(self, name: FieldName) -> set[Source]:
        return {v.source for v in self.seen[name] if v.value == self.chosen[name]}

    def _box(self, name: FieldName, sources: frozenset[Source] = frozenset(Source)) -> Box | None:
        value = self.chosen.get(name)
        return next(
            (v.box for v in self.seen.get(name, ()) if v.value == value and v.box and v.source in sources), None
        )

    def _both_companies(self) -> bool:
        ids = (self.chosen[FieldName.BUYER_TAX_ID], self.chosen[FieldName.SELLER_TAX_ID])
        return all(uscc_ok(text) and _exact(text) for text in ids)

    def _confident(self) -> bool:
        """Whether the ids were read without doubt."""
        names = (FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID)
        return all(any(v.value == self.chosen[n] and v.confidence >= CONFIDENT for v in self.seen[n]) for n in names)

    def _in_remark(self, name: FieldName) -> bool:
        """Whether the id stands in the remark, or the other party's is named there: so a tax office names the true
        seller (§4.2). The letters of a seal that lie over the remark name nobody.
        """
        remarks = [remark.value for remark in self.seen.get(FieldName.REMARK, ())]
        other = self.chosen.get(_OTHER[name])
        named = [text for text in remarks if other and other in text and _NAMED.search(text)]
        true = {seen.value for seen in self.seen.get(FieldName.REAL_SELLER_TAX_ID, ())}
        return bool(named) or self.chosen[name] in true or any(self.chosen[name] in text for text in remarks)

    def _region(self) -> str | None:
        """The region of the invoice's number or code."""
        number = decode_number(self.chosen.get(FieldName.NUMBER, ""))
        code = decode_code(self.chosen.get(FieldName.CODE, ""))
        return number.region if number else (code.region if code and code.region_name else None)

    def _seller_region(self) -> str | None:
        return region_of_tax_id(self.chosen.get(FieldName.SELLER_TAX_ID, ""))

    def _region_denied(self) -> bool:
        here, seller = self._region(), self._seller_region()
        return here is not None and seller is not None and here != seller

    def _region_confirmed(self) -> bool:
        return self._region() is not None and self._region() == self._seller_region()

    def _regions_tell(self) -> bool:
        """Whether the buyer cannot be the seller, being of another region than the invoice."""
        return self._region() != region_of_tax_id(self.chosen[FieldName.BUYER_TAX_ID])


def _exact(text: str) -> bool:
    """Whether the check digits fit: of a company both, for two misread characters pass one check in 31.

    A worn needle changes every digit of a kind at once. An id that names no office or no province is then no evidence,
    whatever its digits say; real ones of such a form exist, and stay unproven.
    """
    if check_ok(text) is not True:
        return False
    place = text[2:8].isdigit() and text[2:4] in _PLACES
    return not uscc_ok(text) or (org_ok(text[8:17]) and text[:2] in _OFFICES and place)


def _upright(box: Box) -> bool:
    """Whether a box is that of a line read from left to right: a page lying on its side gives tall ones."""
    return box.x1 - box.x0 > 2 * (box.y1 - box.y0)
