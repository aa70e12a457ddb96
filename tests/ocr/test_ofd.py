from __future__ import annotations

import shutil
from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image

from ocr import ofd, ofddraw
from ocr.document import Document
from ocr.errors import HostileError, NoPagesError, TooManyPagesError, TruncatedError
from ocr.load import load
from ocr.ofdpage import deltas
from ocr.ofdpath import polylines
from ocr.types import Carrier, FieldName, Kind, Limits, LineItem, Source
from tests.ocr.papers import (
    BUYER_ID,
    NUMBER,
    SELLER_ID,
    encoded,
    ofd_parts,
    original_invoice,
    picture,
    text_object,
    told,
    zipped,
)

LIMITS = Limits()
NO_JBIG2 = "jbig2dec is not installed: codes stored as JBIG2 are not shown"


def loaded(parts: Mapping[str, bytes | str]) -> Document:
    return load(zipped(parts), "x", LIMITS)


CUSTOM = {
    "发票号码": NUMBER,
    "开票日期": "2025年03月25日",
    "合计金额": "100.00",
    "合计税额": "6.00",
    "销售方纳税人识别号": SELLER_ID,
    "购买方纳税人识别号": BUYER_ID,
    "native-producer": "test",
}


@pytest.mark.usefixtures("chinese_font")
def test_the_attached_record_comes_first_and_complete() -> None:
    document = loaded(ofd_parts(attachments={"original_invoice.xml": original_invoice()}))
    (found,) = document.structured
    assert document.carrier is Carrier.OFD
    assert document.media_type == "application/ofd"
    assert document.problems == ()
    assert found.kind is Kind.VAT_E_NORMAL
    assert told(found.values) == {
        "code": "011002300611",
        "number": "00012345",
        "date": "2024-01-05",
        "check_code": "12345678901234567890",
        "machine_number": "661900000001",
        "buyer_name": "示例买方（北京）有限公司",
        "buyer_tax_id": BUYER_ID,
        "seller_name": "示例卖方有限公司",
        "seller_tax_id": SELLER_ID,
        "net": "100.00",
        "tax": "6.00",
        "total": "106.00",
        "remark": "订单 7",
        "drawer": "张三",
    }
    assert {value.source for value in found.values} == {Source.OFD_DATA}
    assert found.lines == (LineItem("*服务*咨询", "", "", "2", "50", "100.00", "6%", "6.00"),)
    assert found.qr_texts[0].startswith("01,10,011002300611,00012345,100.00,")


def test_custom_data_alone_gives_the_fields_and_their_sum() -> None:
    (found,) = loaded(ofd_parts(custom=CUSTOM)).structured
    assert told(found.values) == {
        "number": NUMBER,
        "date": "2025-03-25",
        "net": "100.00",
        "tax": "6.00",
        "total": "106.00",
        "seller_tax_id": SELLER_ID,
        "buyer_tax_id": BUYER_ID,
    }
    total = next(value for value in found.values if value.name is FieldName.TOTAL)
    assert total.confidence < min(value.confidence for value in found.values if value is not total)


TAGS = """<ofd:root xmlns:ofd="http://www.ofdspec.org/2016" version="1.0">
<ofd:InvoiceNo><ofd:ObjectRef PageRef="1">11</ofd:ObjectRef></ofd:InvoiceNo>
<ofd:Seller><ofd:SellerName><ofd:ObjectRef PageRef="1">12</ofd:ObjectRef></ofd:SellerName></ofd:Seller>
<ofd:TaxExclusiveTotalAmount><ofd:ObjectRef PageRef="1">13</ofd:ObjectRef><ofd:ObjectRef PageRef="1">14</ofd:ObjectRef>
</ofd:TaxExclusiveTotalAmount><ofd:TaxInclusiveTotalAmount><ofd:ObjectRef PageRef="1">13</ofd:ObjectRef>
</ofd:TaxInclusiveTotalAmount><ofd:Amount><ofd:ObjectRef PageRef="1">14</ofd:ObjectRef></ofd:Amount>
<ofd:Item><ofd:ObjectRef PageRef="1">15</ofd:ObjectRef></ofd:Item></ofd:root>"""
TAGGED = (
    text_object(11, 170, 14, NUMBER, step="g 19 1.5875")
    + text_object(12, 120, 36, "示例卖方有限公司")
    + text_object(13, 141, 94, "¥")
    + text_object(14, 143, 94, "100.00", step="g 5 1.5875")
    + text_object(15, 5, 59, "*服务*咨询")
)


def test_custom_tags_point_at_text_and_a_lone_currency_sign_is_no_amount() -> None:
    (found,) = loaded(ofd_parts(TAGGED, tags=TAGS)).structured
    assert told(found.values) == {"number": NUMBER, "seller_name": "示例卖方有限公司", "net": "100.00"}
    assert found.lines == (LineItem(name="*服务*咨询", amount="100.00"),)


def test_custom_tags_in_the_names_of_the_digital_xml_are_read() -> None:
    tags = (
        '<root xmlns:ofd="http://www.ofdspec.org/2016"><Header><InherentLabel><GeneralOrSpecialVAT><LabelName>'
        "<ofd:ObjectData>增值税专用发票</ofd:ObjectData></LabelName></GeneralOrSpecialVAT></InherentLabel></Header>"
        '<TaxSupervisionInfo><InvoiceNumber><ofd:ObjectRef PageRef="1">11</ofd:ObjectRef></InvoiceNumber>'
        "</TaxSupervisionInfo><EInvoiceData><SellerInformation><SellerName><ofd:ObjectRef>12</ofd:ObjectRef>"
        "</SellerName></SellerInformation><BasicInformation><TotalAmWithoutTax>"
        '<ofd:ObjectRef PageRef="1">14</ofd:ObjectRef></TotalAmWithoutTax><TotalTax-includedAmount>'
        '<ofd:ObjectRef PageRef="1">13</ofd:ObjectRef></TotalTax-includedAmount></BasicInformation></EInvoiceData></root>'
    )
    (found,) = loaded(ofd_parts(TAGGED, tags=tags)).structured
    assert found.kind is Kind.DIG_SPECIAL
    assert told(found.values) == {"number": NUMBER, "seller_name": "示例卖方有限公司", "net": "100.00"}


def test_a_malformed_custom_tag_is_mended() -> None:
    broken = '<?xml version="1.0"?>\n<:eInvoice xmlns:=""><InvoiceNo><ofd:ObjectRef PageRef="1">11</ofd:ObjectRef></InvoiceNo></:eInvoice>'
    (found,) = loaded(ofd_parts(TAGGED, tags=broken)).structured
    assert told(found.values) == {"number": NUMBER}


@pytest.mark.usefixtures("chinese_font")
def test_a_hopeless_custom_tag_falls_through_to_the_other_records() -> None:
    document = loaded(ofd_parts(TAGGED, custom=CUSTOM, tags="<:eInvoice xmlns:=''><InvoiceNo>"))
    assert told(document.structured[0].values)["number"] == NUMBER
    assert [problem.code for problem in document.problems] == ["part_damaged"]


def test_a_form_of_an_empty_list_with_an_attached_instance_is_read() -> None:
    instance = (
        '<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:inv="http://xbrl.mof.gov.cn/taxonomy/2021-09-30/inv">'
        "<inv:TypeOfInvoice>增值税电子普通发票</inv:TypeOfInvoice><inv:CodeOfInvoice>011002300611</inv:CodeOfInvoice>"
        "<inv:NumberOfInvoice>00012345</inv:NumberOfInvoice></xbrl>"
    )
    document = loaded(ofd_parts(text_object(5, 60, 20, "清单"), attachments={"inv_ord_issuer.xml": instance}))
    (found,) = document.structured
    assert told(found.values) == {"code": "011002300611", "number": "00012345"}
    assert {value.source for value in found.values} == {Source.XBRL}
    assert [word.text for word in document.pages[0].words] == ["清单"]


def test_records_that_disagree_are_both_told() -> None:
    parts = ofd_parts(
        custom={"发票代码": "011002300611", "发票号码": "00012346"}, attachments={"a.xml": original_invoice()}
    )
    (found,) = loaded(parts).structured
    assert [value.value for value in found.values if value.name is FieldName.NUMBER] == ["00012345", "00012346"]


def test_a_red_record_names_the_blue_one_from_its_remark() -> None:
    red = original_invoice().replace(b"<fp:TypeCode>0", b"<fp:TypeCode>1")
    red = red.replace("订单 7".encode(), "对应正数发票代码:011002300511号码:00011111".encode())
    (found,) = loaded(ofd_parts(attachments={"a.xml": red})).structured
    assert told(found.values)["red_of"] == "T:011002300511:00011111"


@pytest.mark.usefixtures("chinese_font")
def test_an_attachment_in_gbk_and_one_that_is_no_xml_are_taken_as_they_are() -> None:
    parts = ofd_parts(attachments={"a.xml": original_invoice("gbk"), "b.png": encoded(picture(9, 9), "PNG")})
    document = loaded(parts)
    assert told(document.structured[0].values)["seller_name"] == "示例卖方有限公司"
    assert document.problems == ()


def test_an_attachment_that_no_list_names_is_found() -> None:
    parts = ofd_parts(attachments={"original_invoice.xml": original_invoice()})
    del parts["Doc_0/Attachs/Attachments.xml"]
    assert told(loaded(parts).structured[0].values)["number"] == "00012345"


def test_names_and_folders_are_found_in_any_case() -> None:
    parts = ofd_parts(TAGGED, attachments={"original_invoice.xml": original_invoice()})
    renamed = {
        name.replace("Pages/Page_0/Content.xml", "PAGES/page_0/CONTENT.XML").replace("Attachs", "attachs"): content
        for name, content in parts.items()
    }
    document = loaded(renamed)
    assert told(document.structured[0].values)["number"] == "00012345"
    assert len(document.pages[0].words) == 4


def test_a_file_without_any_namespace_is_read() -> None:
    parts = ofd_parts(TAGGED, custom=CUSTOM)
    plain = {
        name: content.replace("ofd:", "").replace(' xmlns:ofd="http://www.ofdspec.org/2016"', "")
        for name, content in parts.items()
        if isinstance(content, str)
    }
    document = loaded(plain)
    assert told(document.structured[0].values)["number"] == NUMBER
    assert NUMBER in [word.text for word in document.pages[0].words]


def test_words_stand_where_the_page_shows_them() -> None:
    page = loaded(ofd_parts(TAGGED)).pages[0]
    words = {word.text: word for word in page.words}
    assert set(words) == {NUMBER, "示例卖方有限公司", "¥100.00", "*服务*咨询"}
    number = words[NUMBER]
    assert number.source is Source.OFD_TEXT
    assert number.box.x0 == pytest.approx(170 / 210)
    assert number.box.x1 == pytest.approx((170 + 20 * 1.5875) / 210)
    assert number.box.y0 < 14 / 140 < number.box.y1
    assert (page.width / page.height) == pytest.approx(1.5)
    assert page.native


def test_text_off_the_page_and_the_indentation_of_the_xml_are_no_words() -> None:
    objects = text_object(1, 30, 286, "页外") + text_object(2, 30, 30, "\n      页内\n    ")
    assert [word.text for word in loaded(ofd_parts(objects)).pages[0].words] == ["页内"]


def test_a_label_spread_over_its_cell_is_several_words() -> None:
    page = loaded(ofd_parts(text_object(1, 10, 20, "名称", step="12"))).pages[0]
    assert [word.text for word in page.words] == ["名", "称"]
    assert page.words[1].box.x0 == pytest.approx(22 / 210)


def test_turned_text_does_not_mix_with_upright_text() -> None:
    turned = (
        '<ofd:TextObject ID="9" CTM="0 1 -1 0 3.3 0" Boundary="200 30 3.3 40" Size="3.175"><ofd:TextCode X="0" Y="2.9" '
        'DeltaX="g 4 3.175">下载次数：</ofd:TextCode></ofd:TextObject>'
    )
    words = loaded(ofd_parts(turned + text_object(1, 150, 36, "示例"))).pages[0].words
    assert {word.text for word in words} == {"下载次数：", "示例"}
    side = next(word.box for word in words if word.text != "示例")
    assert side.y1 - side.y0 > 2 * (side.x1 - side.x0)


def test_templates_annotations_and_composites_are_drawn() -> None:
    parts = ofd_parts(
        '<ofd:CompositeObject ID="3" ResourceID="50" Boundary="10 100 50 10"/>' + text_object(1, 10, 20, "页面")
    )
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    parts["Doc_0/Document.xml"] = (
        str(parts["Doc_0/Document.xml"])
        .replace("</ofd:CommonData>", '<ofd:TemplatePage ID="7" BaseLoc="TPLS/T.xml"/></ofd:CommonData>')
        .replace("</ofd:Document>", "<ofd:Annotations>Annots.xml</ofd:Annotations></ofd:Document>")
    )
    parts["Doc_0/TPLS/T.xml"] = (
        f"<ofd:Page {space}><ofd:Content><ofd:Layer>{text_object(1, 10, 40, '模板')}</ofd:Layer></ofd:Content></ofd:Page>"
    )
    parts["Doc_0/Pages/Page_0/Content.xml"] = str(parts["Doc_0/Pages/Page_0/Content.xml"]).replace(
        "<ofd:Content>", '<ofd:Template TemplateID="7"/><ofd:Content>'
    )
    parts["Doc_0/DocumentRes.xml"] = (
        f'<ofd:Res {space}><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="50"><ofd:Content>'
        f"{text_object(1, 0, 5, '组合')}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>"
    )
    parts["Doc_0/Annots.xml"] = (
        f'<ofd:Annotations {space}><ofd:Page PageID="1"><ofd:FileLoc>A.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>'
    )
    parts["Doc_0/A.xml"] = (
        f'<ofd:PageAnnot {space}><ofd:Annot ID="1"><ofd:Appearance Boundary="100 50 40 10">{text_object(1, 0, 5, "批注")}'
        '</ofd:Appearance></ofd:Annot><ofd:Annot ID="2" Visible="false"><ofd:Appearance Boundary="0 0 9 9">'
        f"{text_object(1, 0, 5, '隐藏')}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>"
    )
    places = {word.text: (word.box.x0 * 210, word.box.y1 * 140) for word in loaded(parts).pages[0].words}
    assert set(places) == {"页面", "模板", "组合", "批注"}
    assert places["组合"] == pytest.approx((10, 105), abs=1)
    assert places["批注"] == pytest.approx((100, 55), abs=1)


SQUARES = (
    '<ofd:PathObject ID="4" Boundary="20 20 21 21" Stroke="false" Fill="true"><ofd:FillColor Value="0 0 0"/>'
    "<ofd:AbbreviatedData>M 0 0 L 21 0 L 21 21 L 0 21 C M 3 3 L 3 18 L 18 18 L 18 3 C M 6 6 L 15 6 L 15 15 L 6 15 C"
    "</ofd:AbbreviatedData></ofd:PathObject>"
)


def test_paths_are_drawn_with_their_holes() -> None:
    """Three nested squares, as in a code that is drawn as one outline."""
    page = loaded(ofd_parts(SQUARES)).pages[0]
    raster = page.raster()
    scale = page.pixels[0] / 210

    def at(x: float, y: float) -> int:
        return int(raster[round(y * scale), round(x * scale), 0])

    assert [at(30.5, 21.5), at(30.5, 24.5), at(30.5, 30.5), at(60, 60)] == [0, 255, 0, 255]
    assert raster.shape == (page.pixels[1], page.pixels[0], 3)
    assert page.dpi == pytest.approx(300)


def test_a_picture_is_laid_where_its_matrix_says() -> None:
    image = '<ofd:ImageObject ID="5" CTM="40 0 0 20 0 0" Boundary="50 60 40 20" ResourceID="70"/>'
    page = loaded(ofd_parts(image, resources={"q.png": encoded(picture(80, 40), "PNG")})).pages[0]
    raster, scale = page.raster(), page.pixels[0] / 210
    assert raster[round(62 * scale), round(52 * scale), 0] == 20
    assert raster[round(78 * scale), round(88 * scale), 0] == 230
    assert raster[round(58 * scale), round(52 * scale), 0] == 255


def test_a_turned_picture_is_turned() -> None:
    image = '<ofd:ImageObject ID="5" CTM="0 40 -20 0 20 0" Boundary="50 60 20 40" ResourceID="70"/>'
    page = loaded(ofd_parts(image, resources={"q.png": encoded(picture(80, 40), "PNG")})).pages[0]
    raster, scale = page.raster(), page.pixels[0] / 210
    assert raster[round(62 * scale), round(68 * scale), 0] < 60  # the dark corner is now at the upper right
    assert raster[round(98 * scale), round(52 * scale), 0] > 200


def test_a_scanned_page_is_no_native_one() -> None:
    image = '<ofd:ImageObject ID="5" CTM="210 0 0 140 0 0" Boundary="0 0 210 140" ResourceID="70"/>'
    page = loaded(ofd_parts(image, resources={"q.jpg": encoded(picture(), "JPEG")})).pages[0]
    assert not page.native
    assert page.words == ()


def test_a_huge_page_stays_within_the_pixel_limit() -> None:
    (page,) = load(zipped(ofd_parts(page_box="0 0 9000 9000")), "x", Limits(raster_pixels=1_000_000)).pages
    assert page.raster().shape[0] * page.raster().shape[1] <= 1_000_000


@pytest.mark.skipif(shutil.which("jbig2dec") is None, reason=NO_JBIG2)
def test_a_jbig2_picture_is_drawn() -> None:
    image = '<ofd:ImageObject ID="5" CTM="40 0 0 40 0 0" Boundary="50 60 40 40" ResourceID="70"/>'
    page = loaded(ofd_parts(image, resources={"q.jb2": black_jbig2(64, 64)})).pages[0]
    raster, scale = page.raster(), page.pixels[0] / 210
    assert raster[round(80 * scale), round(70 * scale), 0] == 0


def black_jbig2(width: int, height: int) -> bytes:
    """A JBIG2 file with one page whose default pixel is black."""
    page = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\0" * 8 + b"\x04" + b"\0\0"
    segments = b"\0\0\0\0\x30\0\x01" + len(page).to_bytes(4, "big") + page
    return (
        ofddraw.JBIG2 + b"\x01\0\0\0\x01" + segments + b"\0\0\0\x01\x31\0\x01\0\0\0\0" + b"\0\0\0\x02\x33\0\0\0\0\0\0"
    )


@pytest.mark.usefixtures("chinese_font")
def test_without_the_decoder_a_jbig2_picture_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "has_jbig2", lambda: False)
    image = '<ofd:ImageObject ID="5" CTM="40 0 0 40 0 0" Boundary="50 60 40 40" ResourceID="70"/>'
    document = loaded(ofd_parts(image, resources={"q.jb2": black_jbig2(8, 8)}))
    assert [(problem.code, problem.page) for problem in document.problems] == [("jbig2_unreadable", 0)]


def test_without_a_chinese_font_the_page_is_drawn_and_the_weakness_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofd, "font_name", lambda: None)
    document = loaded(ofd_parts(TAGGED))
    assert [problem.code for problem in document.problems] == ["no_chinese_font"]
    assert document.pages[0].words


def test_a_damaged_picture_leaves_the_rest_of_the_page() -> None:
    image = '<ofd:ImageObject ID="5" CTM="40 0 0 40 0 0" Boundary="50 60 40 40" ResourceID="70"/>'
    page = loaded(ofd_parts(image + SQUARES, resources={"q.png": b"\x89PNG\r\n\x1a\nbroken"})).pages[0]
    assert np.count_nonzero(page.raster() == 0) > 1000


@pytest.mark.usefixtures("chinese_font")
def test_a_page_that_cannot_be_read_is_a_problem_and_the_others_stay() -> None:
    parts = ofd_parts(TAGGED, custom=CUSTOM)
    parts["Doc_0/Document.xml"] = str(parts["Doc_0/Document.xml"]).replace(
        "<ofd:Pages>", '<ofd:Pages><ofd:Page ID="8" BaseLoc="gone.xml"/>'
    )
    document = loaded(parts)
    assert len(document.pages) == 1
    assert [problem.code for problem in document.problems] == ["page_unreadable"]
    assert told(document.structured[0].values)["number"] == NUMBER


def test_without_pages_there_is_nothing_to_read() -> None:
    parts = ofd_parts()
    parts["Doc_0/Document.xml"] = str(parts["Doc_0/Document.xml"]).replace(
        '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>', ""
    )
    with pytest.raises(NoPagesError):
        loaded(parts)


def test_too_many_pages_are_refused_without_loading_one() -> None:
    parts = ofd_parts()
    parts["Doc_0/Document.xml"] = str(parts["Doc_0/Document.xml"]).replace(
        "<ofd:Pages>", "<ofd:Pages>" + '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>' * 10_000
    )
    with pytest.raises(TooManyPagesError):
        loaded(parts)


@pytest.mark.parametrize("missing", ["Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"])
def test_a_file_without_a_main_part_is_damaged(missing: str) -> None:
    parts = ofd_parts()
    del parts[missing]
    with pytest.raises(TruncatedError):
        loaded(parts)


@pytest.mark.parametrize(
    "missing", ["Doc_0/DocumentRes.xml", "Doc_0/Attachs/Attachments.xml", "Doc_0/Tags/CustomTags.xml"]
)
def test_a_missing_side_part_does_not_stop_the_reading(missing: str) -> None:
    parts = ofd_parts(TAGGED, custom=CUSTOM)
    del parts[missing]
    document = loaded(parts)
    assert told(document.structured[0].values)["number"] == NUMBER
    assert document.pages[0].words


def test_an_ofd_may_have_more_parts_than_a_zip_members() -> None:
    parts = ofd_parts(TAGGED, resources={f"{i}.bin": b"x" for i in range(600)})
    assert loaded(parts).pages[0].words


def test_half_an_ofd_is_truncated() -> None:
    data = zipped(ofd_parts(TAGGED, attachments={"original_invoice.xml": original_invoice()}))
    with pytest.raises(TruncatedError):
        load(data[: len(data) // 2], "x.ofd", LIMITS)


@pytest.mark.parametrize("part", ["OFD.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachs/original_invoice.xml"])
def test_a_document_type_in_any_part_is_refused(part: str) -> None:
    parts = ofd_parts(attachments={"original_invoice.xml": original_invoice()})
    parts[part] = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    with pytest.raises(HostileError):
        loaded(parts)


def test_steps_repeat_and_stop_at_the_end_of_the_text() -> None:
    assert deltas("1 g 3 2.5 4", 10) == [1, 2.5, 2.5, 2.5, 4]
    assert deltas("g 1000000000 1", 4) == [1, 1, 1, 1]
    assert deltas("x g y 1 2", 10) == [2]
    assert deltas(None, 3) == []


def test_outlines_become_lines() -> None:
    assert polylines("M 0 0 L 1 0 L 1 1 C") == [[(0, 0), (1, 0), (1, 1), (0, 0)]]
    (curve,) = polylines("M 0 0 B 0 1 1 1 1 0")
    assert curve[5] == pytest.approx((0.5, 0.75))
    assert polylines("L 1 1 M 0 0 A 1 1 0 0 1 2 2 Q 1 1 z 0 M 5") == [[(0, 0), (2, 2)]]


def test_a_picture_in_grey_or_palette_is_drawn() -> None:
    image = '<ofd:ImageObject ID="5" CTM="40 0 0 40 0 0" Boundary="50 60 40 40" ResourceID="70"/>'
    page = loaded(ofd_parts(image, resources={"q.gif": encoded(Image.new("P", (8, 8), 0), "GIF")})).pages[0]
    assert page.raster()[page.pixels[1] * 80 // 140, page.pixels[0] * 70 // 210].max() < 60
