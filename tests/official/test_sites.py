from __future__ import annotations

import pytest

from intake.official.sites import Site, place_of, region_of_paper, site_of
from ocr.rules.codes import CITIES, PROVINCES
from ocr.types import Kind

BEIJING_SELLER = "91110108690017781B"

PLACES = {
    "digital, wherever it was issued": (
        (Kind.DIG_NORMAL, "", "24112000000048542163", ""),
        "inv-veri.chinatax.gov.cn",
        "",
    ),
    "general paper": ((Kind.VAT_NORMAL_PAPER, "044031800104", "00985283", ""), "inv-veri.chinatax.gov.cn", ""),
    "electronic rail ticket": ((Kind.RAIL_E, "", "25329116804000000001", ""), "inv-veri.chinatax.gov.cn", ""),
    "fiscal bill": ((Kind.FISCAL, "11060123", "0123456789", ""), "pjcy.mof.gov.cn", ""),
    "old train ticket": ((Kind.TRAIN_PAPER, "", "", ""), "www.12306.cn", ""),
    "taxi of Shenzhen": ((Kind.TAXI, "144032370119", "12345678", ""), "shenzhen.chinatax.gov.cn", "深圳"),
    "fixed amount of Beijing": ((Kind.QUOTA, "111001571071", "12345678", ""), "beijing.chinatax.gov.cn", "北京"),
    "coach, told by its seller": ((Kind.COACH, "", "", BEIJING_SELLER), "beijing.chinatax.gov.cn", "北京"),
    "local, region unknown": ((Kind.MACHINE_GENERAL, "", "", ""), "www.chinatax.gov.cn", ""),
    "blockchain of Shenzhen": (
        (Kind.BLOCKCHAIN, "144031909110", "00000001", ""),
        "bcfp.shenzhen.chinatax.gov.cn",
        "",
    ),
    "blockchain, region unknown": ((Kind.BLOCKCHAIN, "", "", ""), "bcfp.shenzhen.chinatax.gov.cn", ""),
    "blockchain of Beijing": ((Kind.BLOCKCHAIN, "111001909110", "00000001", ""), "beijing.chinatax.gov.cn", "北京"),
    "customs": ((Kind.CUSTOMS, "", "", BEIJING_SELLER), "etax.beijing.chinatax.gov.cn", "北京"),
    "customs, region unknown": ((Kind.CUSTOMS, "", "531620201160129048-L02", ""), "www.chinatax.gov.cn", ""),
    "air itinerary on paper": ((Kind.AIR_PAPER, "", "", ""), "", ""),
    "no invoice": ((Kind.OTHER, "", "", ""), "", ""),
}


@pytest.mark.parametrize("case", PLACES)
def test_each_kind_is_asked_at_its_own_place(case: str) -> None:
    (kind, code, number, seller), host, region = PLACES[case]
    place = place_of(kind, code, number, seller)
    assert place.url == (f"https://{host}/" if host else "")
    assert place.region == region
    assert (place.site is Site.NONE) == (host == "")


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_site_or_none(kind: Kind) -> None:
    assert place_of(kind, "", "", "").site is site_of(kind)


@pytest.mark.parametrize("name", [*PROVINCES.values(), *CITIES.values()])
def test_every_region_has_a_bureau(name: str) -> None:
    digits = next(code for code, known in {**PROVINCES, **CITIES}.items() if known == name)
    code = f"1{digits:0<4}1571071"[:12]
    assert region_of_paper(code, "", "") == name
    assert place_of(Kind.TAXI, code, "", "").url.endswith(".chinatax.gov.cn/")


def test_a_region_that_nobody_knows_is_not_invented() -> None:
    assert region_of_paper("199901571071", "", "") == ""
    assert region_of_paper("199901571071", "", BEIJING_SELLER) == "北京"
