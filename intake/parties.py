"""Who is the buyer and who the seller: a check digit proves a tax id's characters, never its role (domain.md §3.7, §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ocr.rules.codes import decode_code, decode_number, region_of_tax_id
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
        another than that of the invoice's code or number. From a recogniser: the organisation code inside fits
        too, both parties were read, and the regions confirm or the form's places and the seller's region do.
        """
        if not _exact(self.chosen[name]) or self._in_remark(name) or self._region_denied():
            return False
        both = _OTHER[name] in self.chosen
        if self._sources(name) & _TEXT and self._box(name, _TEXT):
            return self.placed() if both else name is FieldName.SELLER_TAX_ID and self._region_confirmed()
        return both and self._both_companies() and self._region_confirmed() and (self.placed() or self._regions_tell())

    def read_twice(self, name: FieldName) -> bool:
        """Whether two unlike recognisers read the id in the place that the form gives to the party."""
        twice = {Source.OCR, Source.OCR_SECOND} <= self._sources(name)
        return twice and _exact(self.chosen[name]) and not self._in_remark(name) and self.roles_hold()

    def roles_hold(self) -> bool:
        """Whether both tax ids stand in the form's places and the seller's region is not another than the invoice's."""
        return self.placed() and not self._region_denied()

    def placed(self) -> bool:
        """Whether both tax ids stand, lying on upright lines, where the form prints buyer and seller."""
        buyer, seller = self._box(FieldName.BUYER_TAX_ID), self._box(FieldName.SELLER_TAX_ID)
        if buyer is None or seller is None or not (_upright(buyer) and _upright(seller)):
            return False
        if self.kind in BUYER_ABOVE:
            return buyer.y1 <= seller.y0
        return self.kind in BUYER_LEFT and buyer.x1 <= seller.x0

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

    def _in_remark(self, name: FieldName) -> bool:
        """Whether the id stands in the remark: there a tax office names the true seller (§4.2)."""
        return any(self.chosen[name] in remark.value for remark in self.seen.get(FieldName.REMARK, ()))

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
    """Whether the check digits fit: of a company both, for two misread characters pass one check in 31."""
    return check_ok(text) is True and (not uscc_ok(text) or org_ok(text[8:17]))


def _upright(box: Box) -> bool:
    """Whether a box is that of a line read from left to right: a page lying on its side gives tall ones."""
    return box.x1 - box.x0 > 2 * (box.y1 - box.y0)
