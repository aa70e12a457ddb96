"""The entries that the tax platform writes into a PDF's document information, named as in its XML (domain.md §6.2).

Anybody can edit them, so they count as the PDF's own text, not as signed data.
"""

from __future__ import annotations

import pypdfium2 as pdfium

from ocr.document import StructuredSet
from ocr.records import Collector
from ocr.types import FieldName, Source

ENTRIES = {
    "InvoiceNumber": FieldName.NUMBER,
    "IssueTime": FieldName.DATE,
    "SellerIdNum": FieldName.SELLER_TAX_ID,
    "SellerName": FieldName.SELLER_NAME,
    "BuyerIdNum": FieldName.BUYER_TAX_ID,
    "BuyerName": FieldName.BUYER_NAME,
    "TotalAmWithoutTax": FieldName.NET,
    "TotalTaxAm": FieldName.TAX,
    "TotalTax-includedAmount": FieldName.TOTAL,
}


def read_info(opened: pdfium.PdfDocument) -> StructuredSet | None:
    """The sightings in the document information, None when it has no invoice number."""
    collector = Collector(Source.PDF_TEXT)
    for entry, name in ENTRIES.items():
        collector.put(name, str(opened.get_metadata_value(entry)))
    return collector.result() if collector.get(FieldName.NUMBER) else None
