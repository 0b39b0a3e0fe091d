"""Cut the fonts of papers out of Debian's fonts-noto-core, each under a name of its own.

Run by hand, where they are to be made anew: `python api/papers/fonts/make.py`. Latin and Arabic
are apart, and neither is called Noto: a machine with fonts of that name, or another cut of them,
then never gives a digit from the wrong one. The Arabic is made 12 % larger, so that Urdu is as
easily read as the Latin beside it at one size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

NOTO: Final = Path("/usr/share/fonts/truetype/noto")
HERE: Final = Path(__file__).parent
EN_DASH: Final = 0x2013
MINUS: Final = 0x2212
LARGER: Final = 1.12
_NAMES: Final = {1: "{family}", 3: "{family} {style}", 4: "{family} {style}", 6: "{short}-{style}"}

LATIN: Final = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *(0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026),
    *(0x2030, 0x20A8, 0x2212, 0x25CC, 0xFFFD),
]
_DIGITS: Final = {*range(0x660, 0x66A), *range(0x6F0, 0x6FA)}
ARABIC: Final = [
    *(one for one in range(0x600, 0x700) if one not in _DIGITS),
    *range(0x750, 0x780),
    *range(0xFDF2, 0xFDFE),
    *(0x20, 0xA0, 0x200C, 0x200D, 0x25CC),
]


def cut(source: str, family: str, style: str, wanted: list[int], larger: float = 1) -> None:
    """Write a font of the characters that are wanted."""
    font = TTFont(NOTO / f"{source}-{style}.ttf", recalcTimestamp=False)
    if EN_DASH in wanted:  # Debian's Noto Sans has no minus, which would leave a gap there
        for part in font["cmap"].tables:
            if EN_DASH in part.cmap:
                part.cmap.setdefault(MINUS, part.cmap[EN_DASH])
    options = Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font["head"].unitsPerEm = round(font["head"].unitsPerEm / larger)
    for record in list(font["name"].names):
        if record.nameID in _NAMES:
            named = {"family": family, "short": family.replace(" ", ""), "style": style}
            record.string = _NAMES[record.nameID].format(**named)
        elif record.nameID in {16, 17}:
            font["name"].names.remove(record)
    font.save(HERE / f"{family.replace(' ', '')}-{style}.ttf")


if __name__ == "__main__":
    for style in ("Regular", "Bold"):
        cut("NotoSans", "Amanat Sans", style, LATIN)
        cut("NotoNaskhArabic", "Amanat Naskh", style, ARABIC, LARGER)
