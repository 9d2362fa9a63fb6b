#!/usr/bin/python3
"""Builds leeway-serif.ttf.gz, the font that documents are printed in.

It is a subset of Noto Serif CJK SC (SIL Open Font License 1.1, see OFL.txt):
every character of GB 2312 and of the 通用规范汉字表 of 2013, which holds what
names and place names are written with, and the signs of our own texts. Its
outlines are turned into quadratic curves, because the PDF writer reads
TrueType only. The same packages give the same bytes:

    apt-get install -y fonts-noto-cjk fonttools unicode-data
    make font
"""
import bz2
import gzip
import hashlib
import io
import sys

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, newTable

SOURCE = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
SOURCE_SHA256 = "a04178ec485dffdff7cc0c0c20e1fce9202d7e2160d805e8e44a4c8841c58481"
UNIHAN = "/usr/share/unicode/Unihan_OtherMappings.txt.bz2"
FACE = "Noto Serif CJK SC"

# Half a unit of a thousand: one tenth of a dot of a 600 dpi printer at 16 pt.
CURVE_ERROR = 0.5

# Signs of our texts that GB 2312 lacks, as far as the source has them.
SIGNS = "∅✓✗✔✘–—‐‑−·•…‰′″⟨⟩〈〉〓☐☑☒→←↑↓⇒≤≥≠≈¥€£©®°±²³½¼¾"


def characters():
    """The code points that the font is to cover, where the source has them."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | {ord(c) for c in SIGNS}
    wanted |= set(range(0x3000, 0x3040)) | set(range(0xFF01, 0xFF5F)) | {0xFFE5}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                wanted.add(ord(bytes([row, cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    listed = 0
    with bz2.open(UNIHAN, "rt", encoding="utf-8") as lines:
        for line in lines:
            field = line.rstrip("\n").split("\t")
            if len(field) == 3 and field[1] == "kTGH":
                wanted.add(int(field[0][2:], 16))
                listed += 1
    if listed != 8105:
        sys.exit(f"{UNIHAN}: {listed} characters of the 通用规范汉字表, not 8105")
    return wanted


def face():
    with open(SOURCE, "rb") as f:
        data = f.read()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{SOURCE} has SHA-256 {digest}; the font was built from {SOURCE_SHA256}")
    fonts = TTCollection(io.BytesIO(data)).fonts
    return next(f for f in fonts if f["name"].getDebugName(4) == FACE)


def cut(font):
    """Keeps the characters and what the PDF writer reads, nothing else."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    s = subset.Subsetter(options)
    s.populate(unicodes=characters())
    s.subset(font)


def quadratic(font):
    """Replaces the cubic outlines by quadratic ones."""
    order = font.getGlyphOrder()
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["loca"] = newTable("loca")
    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
                  "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
                  "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours", "maxComponentDepth"):
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    post = font["post"]
    post.formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def rename(font):
    """A changed font goes by a name of its own."""
    for record in list(font["name"].names):
        text = {1: "Leeway Serif SC", 3: "LeewaySerifSC-Regular", 4: "Leeway Serif SC", 6: "LeewaySerifSC-Regular"}.get(record.nameID)
        if text:
            font["name"].setName(text, record.nameID, record.platformID, record.platEncID, record.langID)


def main():
    font = face()
    font.recalcTimestamp = False
    cut(font)
    quadratic(font)
    rename(font)
    out = io.BytesIO()
    font.save(out, reorderTables=None)
    with open(sys.argv[1], "wb") as f:
        with gzip.GzipFile(filename="", mode="wb", fileobj=f, compresslevel=9, mtime=0) as z:
            z.write(out.getvalue())
    missing = characters() - set(font.getBestCmap())
    print(f"{len(font.getGlyphOrder())} glyphs, {len(out.getvalue())} bytes; the source lacks:",
          " ".join(f"{chr(c)} U+{c:04X}" for c in sorted(missing)) or "nothing")


main()
