"""One spelling per value, so that values can be compared as text (domain.md §5.4, §9.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

from ocr.rules.amounts import cents, from_words, parse_money
from ocr.rules.codes import split_concatenated
from ocr.types import FieldName

# CJK radicals that PDF fonts put in the place of characters; NFKC leaves all but two of them (§5.4)
_RADICALS: Final = str.maketrans(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿"
    "⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "厂乛乚乙亻冂几刀刂卜㔾小小兀尣尢尣巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王疋目示礻竹糹纟罓罒网网网羊羊羋耂肀聿肉臼艹艹"
    "艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
)
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_DIGITS: Final = str.maketrans("OoQDIl|", "0000111")
_CJK: Final = "\u2e80-\u9fff\uf900-\ufaff（）《》〈〉、。·"
_EDGE: Final = " :,;、。·!'\"`|_*=~^-—/\\√✓✔"  # a clerk's tick beside a name, too
_RED_LINK: Final = re.compile(
    r"(?P<first>[0-9]{10,20})(?:\s*[,;:、]?\s*(?:号码)?\s*:?\s*(?P<second>[0-9]{8}))?(?![0-9])"
)


def text(raw: str) -> str:
    """NFKC, radicals to characters, invisible characters out, each run of blanks to one."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", raw).translate(_RADICALS))
    return re.sub(r"\s+", " ", _INVISIBLE.sub("", plain)).strip()


def normalise(name: FieldName, raw: str) -> str | None:
    """The one spelling of a field's value; None when the text cannot be that field. Idempotent.

    Money has two decimals (大写 becomes the number it says), days are ISO, numbers keep their leading zeros,
    tax ids are upper case, names have full-width brackets.
    """
    return _RULES.get(name, _plain)(text(raw)) or None


def _plain(plain: str) -> str | None:
    return plain


def _code(plain: str) -> str | None:
    """8, 10 or 12 digits; older local codes (first digit 1 or 2) have a letter in the ninth place."""
    compact = re.sub(r"\s", "", plain).upper()
    return compact if re.fullmatch(r"[12][0-9]{7}[A-Z][0-9]{3}", compact) else _digits(plain, 8, 10, 12)


def _number(plain: str) -> str | None:
    """8 or 20 digits; 10 or 16 (fiscal), 13 (air), 18 (tax receipt), 22 characters (customs), a train's red number."""
    compact = re.sub(r"^(?:NO|No|№)[.:]?|\s", "", plain)
    found = _digits(compact, 8, 10, 13, 16, 18, 20)
    if found:
        return found
    customs = re.fullmatch(r"([0-9]{18})[-/*]L([0-9]{2})", compact.upper())
    if customs:
        return f"{customs[1]}-L{customs[2]}"
    train = re.fullmatch(r"[A-Z][0-9]{6,7}|[0-9]{3}[A-Z][0-9]{6}", compact.upper())
    return train[0] if train else None


def _date(plain: str) -> str | None:
    compact = re.sub(r"[OoQ](?=[0-9年月日./-]|$)", "0", re.sub(r"\s(?=[年月日./-])|(?<=[年月./-])\s", "", plain))
    compact = re.sub(r"[Il|](?=[0-9年月日./-]|$)", "1", compact)
    found = re.match(
        r"([0-9]{4})(?:[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?![0-9])(?:[ T日][0-9: .]*)?$",
        compact,
    )
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or found[4]), int(found[3] or found[5])
    try:
        return date(year, month, day).isoformat() if 1990 <= year <= 2099 else None
    except ValueError:
        return None


def _check_code(plain: str) -> str | None:
    """20 digits; 6 letters and digits on fiscal bills, 5 on blockchain invoices, 4 digits on itineraries of flights."""
    compact = re.sub(r"\s", "", plain)
    return _digits(compact, 20) or (compact if re.fullmatch(r"[0-9A-Za-z]{5,6}|[0-9]{4}", compact) else None)


def _machine(plain: str) -> str | None:
    return _digits(plain, *range(8, 17))


def _tax_id(plain: str) -> str | None:
    compact = re.sub(r"[\s._-]", "", plain).upper()
    return compact if re.fullmatch(r"[0-9A-Z*]{15,20}", compact) and re.search(r"[0-9]{4}", compact) else None


def _name(plain: str) -> str | None:
    """A party's name: full-width brackets, no blank beside a Chinese character, no stray marks at the ends."""
    full = plain.replace("(", "（").replace(")", "）")
    full = re.sub(rf"(?<=[{_CJK}]) | (?=[{_CJK}])", "", full).lstrip(_EDGE + ".").rstrip(_EDGE)
    full = re.sub(r"(?<![A-Za-z])\.+$", "", full).rstrip(_EDGE)
    return full if any(char.isalpha() for char in full) else None


def _money(plain: str) -> str | None:
    value = parse_money(plain)
    return None if value is None else f"{cents(value):.2f}"


def _words(plain: str) -> str | None:
    seen = _money(plain)
    if seen is not None:
        return seen
    try:
        return f"{from_words(plain):.2f}"
    except ValueError:
        return None


def _serial(plain: str) -> str | None:
    compact = re.sub(r"\s", "", plain).upper()
    return compact if re.fullmatch(r"[0-9A-Z]{6,32}", compact) else None


def _red_of(plain: str) -> str | None:
    """The key of the blue invoice, from the remark's sentence or the numbers alone (§4.6)."""
    if re.fullmatch(r"D:[0-9]{20}|T:[0-9]{10,12}:[0-9]{8}", plain):
        return plain
    found = _RED_LINK.search(plain)
    if not found:
        return None
    first, second = found["first"], found["second"]
    if second and len(first) in {10, 12}:
        return f"T:{first}:{second}"
    if len(first) != 20:
        return None
    split = split_concatenated(first)
    return f"T:{split[0]}:{split[1]}" if split else f"D:{first}"


def _digits(plain: str, *lengths: int) -> str | None:
    """Digits only, with the letters that readers put for 0 and 1 mapped; None unless of one of the lengths."""
    compact = re.sub(r"\s", "", plain).translate(_DIGITS)
    return compact if re.fullmatch(r"[0-9]+", compact) and len(compact) in lengths else None


_RULES: Final[dict[FieldName, Callable[[str], str | None]]] = {
    FieldName.CODE: _code,
    FieldName.NUMBER: _number,
    FieldName.DATE: _date,
    FieldName.CHECK_CODE: _check_code,
    FieldName.MACHINE_NUMBER: _machine,
    FieldName.BUYER_NAME: _name,
    FieldName.SELLER_NAME: _name,
    FieldName.DRAWER: _name,
    FieldName.BUYER_TAX_ID: _tax_id,
    FieldName.SELLER_TAX_ID: _tax_id,
    FieldName.NET: _money,
    FieldName.TAX: _money,
    FieldName.TOTAL: _money,
    FieldName.TOTAL_IN_WORDS: _words,
    FieldName.SERIAL: _serial,
    FieldName.RED_OF: _red_of,
    FieldName.REAL_SELLER_NAME: _name,
    FieldName.REAL_SELLER_TAX_ID: _tax_id,
    FieldName.PRINTED_CODE: _code,
    FieldName.PRINTED_NUMBER: _number,
    FieldName.FARE: _money,
    FieldName.FUEL: _money,
    FieldName.FUND: _money,
    FieldName.OTHER_FEES: _money,
}
