"""Invented papers seen as readers see them, and the ways in which readers go wrong (domain.md §9.3).

A fault is something that happens to one paper: a stain, a worn needle, a page on its side, a slip beside another one. Each
takes the sightings of a paper and gives them back damaged; several may befall one paper.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from fixtures.invent import Inventor
from ocr.normalise import normalise
from ocr.rules.confusion import confusable
from ocr.rules.payload import encode, parse
from ocr.rules.taxid import ALPHABET
from ocr.types import Box, FieldName, FieldValue, Source
from tests.intake.seen_papers import DIGITAL, FORMS, IDS, NAMES, OCR, SUMS, Case, seen_code

F, S = FieldName, Source
DIGITS_ONLY: Final = (F.CODE, F.NUMBER, F.DATE, F.CHECK_CODE, *IDS, *SUMS)
FACE: Final = OCR | {S.PDF_TEXT}
Fault = Callable[[Case, random.Random], Case]


def _change(case: Case, told: str, where: Callable[[FieldValue], bool], how: Callable[[str], str]) -> Case:
    """The sightings of a kind changed; what is then no value of its field counts as not read."""
    seen: list[FieldValue] = []
    for one in case.seen:
        text = normalise(one.name, how(one.value)) if where(one) else one.value
        if text:
            seen.append(replace(one, value=text, raw=f"{one.name} {text}"))
    return replace(case, seen=tuple(seen), told=f"{case.told} {told}")


def _confused(sign: str, chance: random.Random) -> str:
    others = [other for other in ALPHABET if confusable(sign, other)]
    return chance.choice(others) if others else sign


def _digit_confused(text: str, chance: random.Random) -> str:
    places = [place for place, sign in enumerate(text) if sign.isalnum()]
    place = chance.choice(places)
    digits = [other for other in "0123456789" if confusable(text[place], other)]
    other = _confused(text[place], chance) if len(text) == 18 else chance.choice(digits or [text[place]])
    return text[:place] + other + text[place + 1 :]


def _a_field(case: Case, chance: random.Random) -> FieldName:
    return chance.choice([name for name in DIGITS_ONLY if name in case.truth])


def one_digit(case: Case, chance: random.Random) -> Case:
    """One reader takes a digit for another."""
    name, source = _a_field(case, chance), chance.choice((S.OCR, S.OCR_SECOND))
    return _change(
        case, f"digit:{name}", lambda v: (v.name, v.source) == (name, source), lambda t: _digit_confused(t, chance)
    )


def one_digit_by_both(case: Case, chance: random.Random) -> Case:
    """A stain: both readers take the same digit for the same other."""
    name, seed = _a_field(case, chance), chance.random()
    return _change(
        case,
        f"both:{name}",
        lambda v: v.name is name and v.source in OCR,
        lambda t: _digit_confused(t, Inventor(seed).chance),
    )


def dropped(case: Case, chance: random.Random) -> Case:
    """A digit is lost, doubled, or changes places with its neighbour."""
    name, place, how = _a_field(case, chance), chance.random(), chance.randrange(3)

    def change(text: str) -> str:
        at = int(place * (len(text) - 1))
        return (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
        )[how]

    return _change(case, f"dropped:{name}", lambda v: v.name is name and v.source in OCR, change)


def worn_needle(case: Case, chance: random.Random) -> Case:
    """Everywhere on the paper one digit looks like another one, to one reader or to both."""
    bad = chance.choice("0123456789")
    other = chance.choice([sign for sign in "0123456789" if confusable(bad, sign)])
    sources = chance.choice((OCR, {S.OCR}))
    return _change(
        case,
        f"needle:{bad}{other}",
        lambda v: v.source in sources and v.name in DIGITS_ONLY,
        lambda t: t.replace(bad, other),
    )


def decimal_point_lost(case: Case, chance: random.Random) -> Case:
    """The decimal point is read nowhere, or not in one amount."""
    names = chance.choice((SUMS, (chance.choice(SUMS),)))
    return _change(case, f"point:{names}", lambda v: v.source in OCR and v.name in names, lambda t: t.replace(".", ""))


def swapped(case: Case, chance: random.Random) -> Case:
    """Buyer and seller are exchanged, altogether, in their ids or in their names; what was read keeps its place."""
    pairs = chance.choice((((*IDS,), (*NAMES,)), ((*IDS,),), ((*NAMES,),)))
    other = {one: two for pair in pairs for one, two in (pair, pair[::-1])}
    seen = tuple(replace(v, name=other.get(v.name, v.name)) if v.source in FACE else v for v in case.seen)
    return replace(case, seen=seen, told=f"{case.told} swapped:{sorted(other)}")


def on_its_side(case: Case, chance: random.Random) -> Case:
    """A page lying on its side: the parties are exchanged and their lines stand upright where the others should be."""
    case = swapped(case, chance)
    return replace(
        case,
        seen=tuple(replace(v, box=Box(v.box.y0, v.box.x0, v.box.y1, v.box.x1) if v.box else None) for v in case.seen),
        told=f"{case.told} side",
    )


def line_for_total(case: Case, chance: random.Random) -> Case:
    """The amounts of a line are taken for those of the paper: all three, or one of them."""
    amount, tax = chance.choice(case.lines)
    line = {F.NET: amount, F.TAX: tax, F.TOTAL: amount + tax}
    names = chance.choice((SUMS, (chance.choice(SUMS),)))
    if F.NET not in case.truth:
        line, names = {F.TOTAL: amount / 2}, (F.TOTAL,)
    for name in names:
        case = _said_instead(case, name, f"{line[name]:.2f}")
    return case


def exchanged_amounts(case: Case, chance: random.Random) -> Case:
    """Two amounts are taken for each other, or the net for the total."""
    one, two = chance.sample(SUMS, 2)
    if not {one, two} <= case.truth.keys():
        return case
    case, said = _said_instead(case, one, case.truth[two]), case.truth[one]
    return _said_instead(case, two, said) if chance.random() < 0.5 else case


def _said_instead(case: Case, name: FieldName, text: str) -> Case:
    """Every reader of the face says this of a field."""
    return _change(case, f"instead:{name}", lambda v: v.name is name and v.source in FACE, lambda _text: text)


def words_misread(case: Case, chance: random.Random) -> Case:
    """A character of the 大写 is taken for one that looks like it, or is lost: other pairs than those of digits."""
    alike = str.maketrans(chance.choice(("23", "46", "15", "79")), chance.choice(("32", "64", "51", "97")))
    lost = chance.random() < 0.3
    return _change(
        case,
        "words",
        lambda v: v.name is F.TOTAL_IN_WORDS and v.source in OCR,
        lambda text: f"{Decimal(text[1:]):.2f}" if lost else text.translate(alike),
    )


def neighbours_number(case: Case, chance: random.Random) -> Case:
    """The number of the paper beside it is read."""
    step = chance.choice((1, -1, 2, 10))
    wrong = _change(
        case,
        "beside",
        lambda v: v.name is F.NUMBER and v.source in OCR,
        lambda t: f"{max(1, int(t) + step):0{len(t)}d}"[-len(t) :],
    )
    return case if _is_another(wrong) else wrong


def _is_another(case: Case) -> bool:
    """Whether number and code are both another paper's: then that is the paper, and nothing was misread."""
    read = {v.value for v in case.seen if v.name is F.NUMBER} - {case.truth[F.NUMBER]}
    return any(code.text.split(",")[3] in read for code in case.codes)


def read_twice(case: Case, chance: random.Random) -> Case:
    """One reader looks again, at a cleaned picture, and makes its mistake again; or says it a little differently."""
    name, seed = _a_field(case, chance), chance.random()
    wrong = _change(
        case,
        f"twice:{name}",
        lambda v: v.name is name and v.source is S.OCR,
        lambda t: _digit_confused(t, Inventor(seed).chance),
    )
    again = tuple(replace(v, confidence=0.99, raw="") for v in wrong.seen if v.name is name and v.source is S.OCR)
    return replace(wrong, seen=wrong.seen + again)


def seal_over_id(case: Case, chance: random.Random) -> Case:
    """Letters of the seal are read into the seller's tax id, by each reader in its own way."""
    sources = chance.choice((OCR, {S.OCR}))
    start, length = chance.randrange(18), chance.randrange(1, 7)

    def overlaid(text: str) -> str:
        inside = "".join(chance.choice(ALPHABET) for _ in text[start : start + length])
        return text[:start] + inside + text[start + length :]

    wrong = _change(case, "seal", lambda v: v.name is F.SELLER_TAX_ID and v.source in sources, overlaid)
    doubt = chance.uniform(0.05, 0.45)
    return replace(
        wrong,
        seen=tuple(
            replace(v, confidence=1 - doubt) if v.name is F.SELLER_TAX_ID and v.source in sources else v
            for v in wrong.seen
        ),
    )


def another_party(case: Case, chance: random.Random) -> Case:
    """The true seller of the remark (代开) or a name in a stamp is taken for a party."""
    inventor = Inventor(chance.random())
    name = chance.choice(IDS)
    other = inventor.tax_id(inventor.region())
    wrong = _change(case, f"stranger:{name}", lambda v: v.name is name and v.source in OCR, lambda _t: other)
    said = FieldValue(F.REMARK, f"代开企业税号:{other}", 0.9, S.OCR, 0, None, "")
    # its own place on the paper: in the remark, right of the seller's block
    seen = tuple(
        replace(v, box=Box(0.62, 0.8, 0.9, 0.82)) if v.name is name and v.source in OCR else v for v in wrong.seen
    )
    return replace(wrong, seen=(*seen, said))


def code_of_another(case: Case, chance: random.Random) -> Case:
    """The code of a paper beside this one is taken for this one's; a slip's neighbour has its date, code and seller."""
    if not case.codes:
        return case
    found = parse(case.codes[0].text)
    assert found is not None
    near = chance.random() < 0.7
    number = int(found.number) + (chance.choice((1, -1, 3)) if near else chance.randrange(100, 10**7))
    amount = case.truth.get(F.NET, case.truth[F.TOTAL]) if not found.amount_is_net else case.truth[F.NET]
    alike = near and chance.random() < 0.5  # tolls and fares: neighbours of one amount
    same = f"{found.amount:.2f}" if alike else f"{Decimal(amount) + chance.randrange(1, 900)}"
    day = case.truth[F.DATE].replace("-", "")
    check = Inventor(chance.random()).check_code() if found.check else ""
    kind = case.codes[0].text.split(",")[1]
    other = seen_code(
        encode(kind, found.code, f"{abs(number):0{len(found.number)}d}"[-len(found.number) :], same, day, check)
    )
    sheet = replace(case, region=Box(0.0, 0.0, 0.5, 0.5)) if near else case
    codes = (other,) if chance.random() < 0.7 else (*case.codes, other)
    wrong = replace(sheet, codes=codes, told=f"{case.told} code:{other.text}")
    return case if _is_another(wrong) else wrong


def code_without_sum(case: Case, _chance: random.Random) -> Case:
    """An issuer's code without CRC."""
    if not case.codes or case.kind not in DIGITAL:
        return case
    text = case.codes[0].text.rpartition(",")[0] + ","
    return replace(case, codes=(seen_code(text),), told=f"{case.told} nocrc")


def unread(case: Case, chance: random.Random) -> Case:
    """Some fields are not read at all, or by one reader only."""
    gone = {(name, source) for name in F for source in (*OCR, S.PDF_TEXT) if chance.random() < 0.2}
    return replace(case, seen=tuple(v for v in case.seen if (v.name, v.source) not in gone), told=f"{case.told} unread")


def number_unread(case: Case, _chance: random.Random) -> Case:
    """Nobody can read the number."""
    return replace(case, seen=tuple(v for v in case.seen if v.name is not F.NUMBER), told=f"{case.told} nonumber")


def without_code(case: Case, _chance: random.Random) -> Case:
    """The code cannot be decoded."""
    return replace(case, codes=(), told=f"{case.told} nocode")


def another_form(case: Case, chance: random.Random) -> Case:
    """The paper is taken for one of another form."""
    return replace(case, kind=chance.choice(FORMS)[0], told=f"{case.told} form")


def date_exchanged(case: Case, _chance: random.Random) -> Case:
    """Month and day change places."""
    return _change(case, "month", lambda v: v.name is F.DATE and v.source in FACE, lambda t: f"{t[:5]}{t[8:]}-{t[5:7]}")


FAULTS: Final[tuple[Fault, ...]] = (
    one_digit, one_digit_by_both, dropped, worn_needle, decimal_point_lost, swapped, on_its_side, line_for_total,
    exchanged_amounts, words_misread, neighbours_number, read_twice, seal_over_id, another_party, code_of_another,
    code_without_sum, unread, number_unread, without_code, another_form, date_exchanged,
)  # fmt: skip
