from __future__ import annotations

import pytest

from ocr.rules.keys import alias_of, key_of
from ocr.types import Kind

DIGITAL = "24112000000048542163"


@pytest.mark.parametrize(
    ("kind", "code", "number", "serial", "key"),
    [
        (Kind.DIG_NORMAL, None, DIGITAL, None, f"D:{DIGITAL}"),
        (Kind.RAIL_E, "", "26339132621000219582", None, "D:26339132621000219582"),
        (Kind.AIR_E, "", "26118132621000219582", None, "D:26118132621000219582"),
        (Kind.DIG_PAPER_NORMAL, "011002300104", DIGITAL, None, f"D:{DIGITAL}"),
        (Kind.VAT_E_NORMAL, "033002000211", "83089647", None, "T:033002000211:83089647"),
        (Kind.VAT_SPECIAL_PAPER, "1100153130", "00472703", None, "T:1100153130:00472703"),
        (Kind.TAXI, "144032370119", "12345678", None, "T:144032370119:12345678"),
        (Kind.TAXI, "11101234B001", "12345678", None, "T:11101234B001:12345678"),
        (Kind.VAT_E_NORMAL, None, "03300220021199934328", None, "T:033002200211:99934328"),
        (Kind.UNKNOWN, None, DIGITAL, None, f"D:{DIGITAL}"),
        (Kind.VAT_E_NORMAL, "241120000000", "48542163", None, f"D:{DIGITAL}"),
        (Kind.VAT_E_NORMAL, "241020000000", "48542163", None, "T:241020000000:48542163"),
        (Kind.TAXI, "213101571011", "12345678", None, "T:213101571011:12345678"),
        (Kind.VAT_E_NORMAL, None, "83089647", None, None),
        (Kind.VAT_E_NORMAL, "03300200021", "83089647", None, None),
        (Kind.VAT_E_NORMAL, "033002000211", "00000000", None, None),
        (Kind.VAT_E_NORMAL, "033002000211", None, None, None),
        (Kind.CUSTOMS, None, "531620201160129048-L02", None, "C:531620201160129048-L02"),
        (Kind.CUSTOMS, None, "531620201160129048/L02", None, "C:531620201160129048-L02"),
        (Kind.CUSTOMS, None, "531620201160129048*L02", None, "C:531620201160129048-L02"),
        (Kind.CUSTOMS, None, "531618201160129048-L02", None, None),
        (Kind.FISCAL, "00010126", "0010925600", None, "F:00010126:0010925600"),
        (Kind.FISCAL, "00010126", "1234567890123456", None, "F:00010126:1234567890123456"),
        (Kind.FISCAL, None, "0010925600", None, None),
        (Kind.FISCAL, "00010126", "00109256", None, None),
        (Kind.TRAIN_PAPER, None, "A123456", "65773300460326A123456", "R:65773300460326A123456"),
        (Kind.TRAIN_PAPER, None, "A123456", None, None),
        (Kind.AIR_PAPER, None, "7812345678901", "12345678901", "A:7812345678901:12345678901"),
        (Kind.AIR_PAPER, None, "7812345678901", None, "A:7812345678901"),
        (Kind.AIR_PAPER, None, "781", None, None),
    ],
)
def test_each_kind_has_its_key(
    kind: Kind, code: str | None, number: str | None, serial: str | None, key: str | None
) -> None:
    assert key_of(kind, code, number, serial=serial) == key


@pytest.mark.parametrize(
    ("kind", "code", "number", "printed", "alias"),
    [
        (Kind.DIG_NORMAL, None, DIGITAL, None, None),
        (Kind.DIG_NORMAL, None, "24112900000048542163", None, "T:241129000000:48542163"),
        (Kind.DIG_PAPER_NORMAL, "011002300104", DIGITAL, "12345678", "T:011002300104:12345678"),
        (Kind.DIG_PAPER_NORMAL, None, DIGITAL, "12345678", None),
        (Kind.VAT_E_NORMAL, "033002000211", "83089647", None, None),
        (Kind.VAT_E_NORMAL, None, "83089647", None, None),
    ],
)
def test_a_number_of_twenty_digits_has_an_alias_where_its_split_could_be_a_code(
    kind: Kind, code: str | None, number: str, printed: str | None, alias: str | None
) -> None:
    assert alias_of(kind, code, number, printed=printed) == alias
