"""Which official place answers for a kind of paper (domain.md §8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from ocr.rules.codes import decode_code, decode_number, region_name, region_of_tax_id
from ocr.types import Kind


@unique
class Site(StrEnum):
    """An official place that answers questions about papers."""

    TAX_BUREAU = "tax_bureau"  # 全国增值税发票查验平台
    FISCAL = "fiscal"  # 全国财政电子票据查验平台
    BLOCKCHAIN = "blockchain"  # 深圳区块链电子发票
    LOCAL_TAX = "local_tax"  # the site of the province's tax bureau
    RAIL = "rail"  # 12306
    CUSTOMS = "customs"  # 税务数字账户, 海关缴款书
    NONE = "none"  # nobody answers for such a paper


@dataclass(frozen=True, slots=True)
class Place:
    """A site with its address (empty for none) and the Chinese name of its region where it has one."""

    site: Site
    url: str
    region: str = ""


_URLS: Final = {
    Site.TAX_BUREAU: "https://inv-veri.chinatax.gov.cn/",
    Site.FISCAL: "https://pjcy.mof.gov.cn/",
    Site.BLOCKCHAIN: "https://bcfp.shenzhen.chinatax.gov.cn/",
    Site.RAIL: "https://www.12306.cn/",
}
_NATIONAL: Final = "https://www.chinatax.gov.cn/"
_HOSTS: Final = {
    "北京": "beijing", "天津": "tianjin", "河北": "hebei", "山西": "shanxi", "内蒙古": "neimenggu", "辽宁": "liaoning",
    "大连": "dalian", "吉林": "jilin", "黑龙江": "heilongjiang", "上海": "shanghai", "江苏": "jiangsu",
    "浙江": "zhejiang", "宁波": "ningbo", "安徽": "anhui", "福建": "fujian", "厦门": "xiamen", "江西": "jiangxi",
    "山东": "shandong", "青岛": "qingdao", "河南": "henan", "湖北": "hubei", "湖南": "hunan", "广东": "guangdong",
    "深圳": "shenzhen", "广西": "guangxi", "海南": "hainan", "重庆": "chongqing", "四川": "sichuan",
    "贵州": "guizhou", "云南": "yunnan", "西藏": "xizang", "陕西": "shaanxi", "甘肃": "gansu", "青海": "qinghai",
    "宁夏": "ningxia", "新疆": "xinjiang",
}  # fmt: skip
"""Hosts of the tax bureaus of the provinces and of the five cities that have their own."""

_LOCAL: Final = frozenset({Kind.TAXI, Kind.QUOTA, Kind.COACH, Kind.MACHINE_GENERAL, Kind.TAX_RECEIPT})
_NOWHERE: Final = frozenset({Kind.AIR_PAPER, Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER, Kind.UNKNOWN})
_SHENZHEN: Final = "深圳"


def site_of(kind: Kind) -> Site:
    """The site that answers for a kind, its region left aside."""
    if kind in _NOWHERE:
        return Site.NONE
    if kind in _LOCAL:
        return Site.LOCAL_TAX
    special = {
        Kind.FISCAL: Site.FISCAL,
        Kind.TRAIN_PAPER: Site.RAIL,
        Kind.CUSTOMS: Site.CUSTOMS,
        Kind.BLOCKCHAIN: Site.BLOCKCHAIN,
    }
    return special.get(kind, Site.TAX_BUREAU)


def place_of(kind: Kind, code: str, number: str, seller_tax_id: str) -> Place:
    """Where to ask about a paper; texts may be empty. A blockchain invoice of another region than Shenzhen is asked at
    that region's tax bureau, local papers at the bureau of their code's region.
    """
    site, region = site_of(kind), region_of_paper(code, number, seller_tax_id)
    if site is Site.BLOCKCHAIN and region not in {"", _SHENZHEN}:
        site = Site.LOCAL_TAX
    if site is Site.LOCAL_TAX:
        return Place(site, f"https://{_HOSTS[region]}.chinatax.gov.cn/" if region else _NATIONAL, region)
    if site is Site.CUSTOMS:
        return Place(site, f"https://etax.{_HOSTS[region]}.chinatax.gov.cn/" if region else _NATIONAL, region)
    return Place(site, _URLS.get(site, ""))


def region_of_paper(code: str, number: str, seller_tax_id: str) -> str:
    """The Chinese name of the region of issue: by code, by number, else by the seller's tax id; empty when unknown."""
    known = decode_code(code) or decode_number(number)
    if known is not None and known.region_name:
        return known.region_name
    region = region_of_tax_id(seller_tax_id)
    return (region_name(region) or "") if region else ""
