"""Small files made by code: PDF, OFD, XML, ZIP, with the numbers of invented invoices."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from ocr.types import FieldName, FieldValue

NUMBER = "25112000000000000017"
SELLER_ID = "91110108690017781B"
BUYER_ID = "91460300MAA92DJN95"


@dataclass
class PdfPage:
    """`texts` are (x, y, size, text) in points from the lower left; `matrix` turns them all."""

    texts: Sequence[tuple[float, float, float, str]] = ()
    size: tuple[float, float] = (595, 397)
    crop: tuple[float, float, float, float] | None = None
    rotate: int = 0
    matrix: str = "1 0 0 1 0 0"
    mode: int = 0
    image: Image.Image | None = None
    image_last: bool = False


@dataclass
class Pdf:
    """A PDF of pages with text in a Chinese font that is not embedded, and attached files."""

    pages: Sequence[PdfPage] = ()
    attached: Mapping[str, bytes] = field(default_factory=dict)
    info: Mapping[str, str] = field(default_factory=dict)

    def build(self) -> bytes:
        """The file."""
        objects: list[bytes] = [b"", b"", _FONT, _CID_FONT, _DESCRIPTOR, self._info()]
        kids = []
        for page in self.pages:
            kids.append(len(objects) + 1)
            objects.extend(_page(page, len(objects) + 1))
        names = []
        for name, content in self.attached.items():
            number = len(objects) + 1
            objects.append(_stream(content, "/Type /EmbeddedFile"))
            objects.append(f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {number} 0 R >> >>".encode())
            names.append(f"({name}) {number + 1} 0 R")
        embedded = f"/Names << /EmbeddedFiles << /Names [{' '.join(names)}] >> >>" if names else ""
        objects[0] = f"<< /Type /Catalog /Pages 2 0 R {embedded} >>".encode()
        objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
        return _assembled(objects)

    def _info(self) -> bytes:
        entries = " ".join(f"/{name} <feff{value.encode('utf-16-be').hex()}>" for name, value in self.info.items())
        return f"<< /Producer (tests) {entries} >>".encode()


_FONT = b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>"
_CID_FONT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000 "
    b"/W [1 [500] 17 26 500 34 59 600] /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
)
_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
    b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
)


def _page(page: PdfPage, number: int) -> list[bytes]:
    crop = f"/CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
    image = f"/XObject << /Im0 {number + 2} 0 R >>" if page.image else ""
    shown = b"".join(
        f"BT {page.mode} Tr /F1 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n".encode()
        for x, y, size, text in page.texts
    )
    written = f"q {page.matrix} cm\n".encode() + shown + b"Q\n"
    drawn = f"q {page.size[0]} 0 0 {page.size[1]} 0 0 cm /Im0 Do Q\n".encode() if page.image else b""
    objects = [
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.size[0]} {page.size[1]}] {crop} /Rotate {page.rotate} "
            f"/Contents {number + 1} 0 R /Resources << /Font << /F1 3 0 R >> {image} >> >>"
        ).encode(),
        _stream(written + drawn if page.image_last else drawn + written, ""),
    ]
    if page.image:
        picture = page.image.convert("RGB")
        about = (
            f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} "
            "/ColorSpace /DeviceRGB /BitsPerComponent 8"
        )
        objects.append(_stream(picture.tobytes(), about))
    return objects


def _stream(content: bytes, about: str) -> bytes:
    packed = zlib.compress(content)
    return f"<< {about} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


INVOICE_TEXTS = (
    (180.0, 360.0, 20.0, "电子发票（普通发票）"),
    (420.0, 350.0, 9.0, "发票号码："),
    (480.0, 350.0, 9.0, NUMBER),
    (420.0, 330.0, 9.0, "开票日期：2025年03月25日"),
)


def invoice_pdf(**page: object) -> bytes:
    """One page of a digital invoice."""
    return Pdf([PdfPage(INVOICE_TEXTS, **page)]).build()  # type: ignore[arg-type]  # the caller names fields of PdfPage


def zipped(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


OFD_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_parts(
    objects: str = "",
    *,
    custom: Mapping[str, str] | None = None,
    attachments: Mapping[str, bytes | str] | None = None,
    tags: str | None = None,
    resources: Mapping[str, bytes] | None = None,
    page_box: str = "0 0 210 140",
) -> dict[str, bytes | str]:
    """The parts of an OFD with one page, to be zipped (or bent first)."""
    data = "".join(f'<ofd:CustomData Name="{k}">{v}</ofd:CustomData>' for k, v in (custom or {}).items())
    listed = "".join(
        f'<ofd:Attachment ID="9{i}" Name="x" Format="xml"><ofd:FileLoc>{name}</ofd:FileLoc></ofd:Attachment>'
        for i, name in enumerate(attachments or {})
    )
    media = "".join(
        f'<ofd:MultiMedia ID="{70 + i}" Type="Image"><ofd:MediaFile>{name}</ofd:MediaFile></ofd:MultiMedia>'
        for i, name in enumerate(resources or {})
    )
    parts: dict[str, bytes | str] = {
        "OFD.xml": (
            f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {OFD_NAMESPACE} DocType="OFD" Version="1.0"><ofd:DocBody>'
            f"<ofd:DocInfo><ofd:DocID>1</ofd:DocID><ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo>"
            "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        ),
        "Doc_0/Document.xml": (
            f"<ofd:Document {OFD_NAMESPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>{page_box}"
            "</ofd:PhysicalBox></ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
            '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
            "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
            "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags></ofd:Document>"
        ),
        "Doc_0/DocumentRes.xml": (
            f'<ofd:Res {OFD_NAMESPACE} BaseLoc="Res"><ofd:MultiMedias>{media}</ofd:MultiMedias></ofd:Res>'
        ),
        "Doc_0/Pages/Page_0/Content.xml": (
            f'<ofd:Page {OFD_NAMESPACE}><ofd:Content><ofd:Layer ID="2">{objects}</ofd:Layer></ofd:Content></ofd:Page>'
        ),
        "Doc_0/Attachs/Attachments.xml": f"<ofd:Attachments {OFD_NAMESPACE}>{listed}</ofd:Attachments>",
        "Doc_0/Tags/CustomTags.xml": (
            f'<ofd:CustomTags {OFD_NAMESPACE}><ofd:CustomTag TypeID="0"><ofd:FileLoc>CustomTag.xml</ofd:FileLoc>'
            "</ofd:CustomTag></ofd:CustomTags>"
        ),
    }
    parts |= {f"Doc_0/Attachs/{name}": content for name, content in (attachments or {}).items()}
    parts |= {f"Doc_0/Res/{name}": content for name, content in (resources or {}).items()}
    if tags is not None:
        parts["Doc_0/Tags/CustomTag.xml"] = tags
    return parts


def text_object(number: int, x: float, y: float, text: str, *, size: float = 3.175, step: str = "") -> str:
    """A text object; `y` is the baseline in mm."""
    steps = f' DeltaX="{step}"' if step else ""
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{x} {y - 4} 80 6" Font="1" Size="{size}">'
        f'<ofd:TextCode X="0" Y="4"{steps}>{text}</ofd:TextCode></ofd:TextObject>'
    )


ORIGINAL = """<?xml version="1.0" encoding="{encoding}"?>
<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0"><fp:DocID>01</fp:DocID>
<fp:InvoiceCode>011002300611</fp:InvoiceCode><fp:InvoiceNo>00012345</fp:InvoiceNo><fp:TypeCode>0</fp:TypeCode>
<fp:IssueDate>2024年01月05日</fp:IssueDate><fp:InvoiceCheckCode>12345 67890 12345 67890</fp:InvoiceCheckCode>
<fp:MachineNo>661900000001</fp:MachineNo><fp:Buyer><fp:BuyerName>示例买方（北京）有限公司</fp:BuyerName>
<fp:BuyerTaxID>91460300MAA92DJN95</fp:BuyerTaxID></fp:Buyer><fp:Seller><fp:SellerName>示例卖方有限公司</fp:SellerName>
<fp:SellerTaxID>91110108690017781B</fp:SellerTaxID></fp:Seller>
<fp:TaxInclusiveTotalAmount>106.00</fp:TaxInclusiveTotalAmount><fp:Note>订单 7</fp:Note>
<fp:InvoiceClerk>张三</fp:InvoiceClerk><fp:TaxTotalAmount>6.00</fp:TaxTotalAmount>
<fp:TaxExclusiveTotalAmount>100.00</fp:TaxExclusiveTotalAmount>
<fp:GraphCode>01,10,011002300611,00012345,100.00,20240105,12345678901234567890,ABCD,</fp:GraphCode>
<fp:GoodsInfos><fp:GoodsInfo><fp:Item>*服务*咨询</fp:Item><fp:Quantity>2</fp:Quantity><fp:Price>50</fp:Price>
<fp:Amount>100.00</fp:Amount><fp:TaxScheme>6%</fp:TaxScheme><fp:TaxAmount>6.00</fp:TaxAmount></fp:GoodsInfo>
</fp:GoodsInfos></eInvoice>"""


def original_invoice(encoding: str = "UTF-8") -> bytes:
    """A tax control record in an encoding."""
    return ORIGINAL.format(encoding=encoding).encode(encoding)


DIGITAL = """<?xml version="1.0" encoding="{encoding}"?>
<EInvoice><Header><EIid>25112000000000000017</EIid><EInvoiceTag>SWEI1100</EInvoiceTag><Version>0.33</Version>
<InherentLabel><InIssuType><LabelCode>{blue}</LabelCode></InIssuType><EInvoiceType><LabelCode>01</LabelCode>
<LabelName>电子发票</LabelName></EInvoiceType><GeneralOrSpecialVAT><LabelCode>{vat}</LabelCode></GeneralOrSpecialVAT>
</InherentLabel></Header><EInvoiceData><SellerInformation><SellerIdNum>91110108690017781B</SellerIdNum>
<SellerName>示例卖方有限公司</SellerName></SellerInformation><BuyerInformation><BuyerIdNum>91460300MAA92DJN95</BuyerIdNum>
<BuyerName>示例买方(北京)有限公司</BuyerName></BuyerInformation><BasicInformation>
<TotalTax-includedAmount>106.000000</TotalTax-includedAmount><TotalAmWithoutTax>100</TotalAmWithoutTax>
<TotalTaxAm>6.0</TotalTaxAm><TotalTax-includedAmountInChinese>壹佰零陆圆整</TotalTax-includedAmountInChinese>
<Drawer>张三</Drawer><RequestTime>2025-03-24 23:59:58</RequestTime></BasicInformation>
<IssuItemInformation><ItemName>*服务*咨询</ItemName><Quantity>1</Quantity><Amount>60.00</Amount><TaxRate>0.06</TaxRate>
<ComTaxAm>3.60</ComTaxAm></IssuItemInformation><IssuItemInformation><ItemName>*服务*培训</ItemName><Amount>40.00</Amount>
<TaxRate>0.06</TaxRate><ComTaxAm>2.40</ComTaxAm></IssuItemInformation>
<SpecificInformation>{special}</SpecificInformation><AdditionalInformation><Remark>备注</Remark></AdditionalInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>25112000000000000017</InvoiceNumber>
<IssueTime>2025-03-25 00:00:03</IssueTime></TaxSupervisionInfo></EInvoice>"""


def digital_xml(*, encoding: str = "UTF-8", blue: str = "Y", vat: str = "02", special: str = "") -> bytes:
    """A 数电票 record."""
    return DIGITAL.format(encoding=encoding, blue=blue, vat=vat, special=special).encode(encoding)


def picture(width: int = 640, height: int = 400) -> Image.Image:
    """A picture that tells its upper left (dark) from the rest."""
    pixels = np.full((height, width, 3), 230, np.uint8)
    pixels[: height // 4, : width // 4] = 20
    return Image.fromarray(pixels)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    """The picture in a format of Pillow."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def told(values: Sequence[FieldValue]) -> dict[str, str]:
    """The first value of each field."""
    found: dict[FieldName, str] = {}
    for value in values:
        found.setdefault(value.name, value.value)
    return {name.value: value for name, value in found.items()}
