"""`ocr` reads: bytes in, sightings of an invoice's fields out. It knows no register, no clerk and no web."""
