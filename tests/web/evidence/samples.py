"""Small files of every kind, harmless and not, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import docx
import xlsxwriter
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

MAKER = b"EXAMPLE-CAMERA-7"


def _saved(write: Callable[[io.BytesIO], object]) -> bytes:
    made = io.BytesIO()
    write(made)
    return made.getvalue()


def jpeg(size: tuple[int, int] = (64, 48), turned: bool = False) -> bytes:
    """A photograph that tells where and with what it was taken, red on its left half, white on its right."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = MAKER.decode()
    exif[0x0112] = 6 if turned else 1
    exif.get_ifd(0x8825)[2] = (IFDRational(39), IFDRational(54), IFDRational(20))
    return _saved(lambda out: image.save(out, "JPEG", exif=exif, comment=MAKER))


def png(size: tuple[int, int] = (32, 32)) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Author", MAKER.decode())
    return _saved(lambda out: Image.new("RGBA", size, (0, 80, 200, 128)).save(out, "PNG", pnginfo=told))


def pdf(change: Callable[[PdfWriter], object] = lambda _: None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    return _saved(writer.write)


def pdf_with(**entries: object) -> bytes:
    """A document whose catalog opens with this action, its objects packed so that no word of it stands there openly."""

    def change(writer: PdfWriter) -> None:
        action = DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)

    return packed(pdf(change))


def packed(content: bytes) -> bytes:
    """The names of a PDF written with signs as numbers: /J#61vaScript is the same name."""
    return content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/Launch", b"/L#61unch")


def pdf_script() -> bytes:
    return pdf_with(S=NameObject("/JavaScript"), JS=TextStringObject("app.alert(1)"))


def pdf_launch() -> bytes:
    return pdf_with(S=NameObject("/Launch"), F=TextStringObject("cmd.exe"))


def word(text: str = "情况说明") -> bytes:
    made = docx.Document()
    made.add_paragraph(text)
    return _saved(made.save)


def excel() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet("盘存").write(0, 0, "数量")
    return made.getvalue()


def ofd() -> bytes:
    return zipped({"OFD.xml": b"<ofd:OFD xmlns:ofd='http://www.ofdspec.org/2016'/>", "Doc_0/Document.xml": b"<a/>"})


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return made.getvalue()


def changed(package: bytes, **members: bytes) -> bytes:
    """A package with members added or replaced; `__` in a name is a folder, `_dot_` a dot."""
    given = {name.replace("__", "/").replace("_dot_", "."): content for name, content in members.items()}
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return zipped({name: old.read(name) for name in old.namelist()} | given)


def macro() -> bytes:
    return changed(word(), word__vbaProject_dot_bin=b"\xd0\xcf\x11\xe0")


def template_from_elsewhere() -> bytes:
    rels = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b"Target='https://example.org/a.dotm' TargetMode='External'/></Relationships>"
    )
    return changed(word(), word___rels__settings_dot_xml_dot_rels=rels)


def zip_bomb() -> bytes:
    return changed(word(), word__media__one_dot_png=b"\0" * (210 << 20))


def lying_zip_bomb() -> bytes:
    """Its directory says that the large member is small."""
    content = bytearray(zip_bomb())
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 1000)
    return bytes(content)


def png_bomb(side: int = 60_000) -> bytes:
    """A picture of a few bytes that claims to be sixty thousand pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
