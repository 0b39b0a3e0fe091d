"""The strings of the pages: `python -m api.web.strings` brings the catalogues up to date.

New strings come in untranslated, those that are gone go; a language with an untranslated string
is not offered (`api.web.language`).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.web import language

HERE: Final = Path(__file__).parent
_METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS: Final = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def collected() -> Catalog:
    """All strings of code and templates."""
    found = Catalog(project="Amanat", charset="utf-8", fuzzy=False)
    keywords = {
        "_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "both": None,  # of papers: in two languages
    }
    for name, _, message, comments, context in extract_from_dir(
        HERE, _METHODS, _OPTIONS, keywords, strip_comment_tags=True
    ):
        found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def written(found: Catalog) -> bytes:
    """A catalogue as its file has it: in order, with the files each string stands in."""
    into = BytesIO()
    write_po(into, found, sort_output=True, include_lineno=False, omit_header=True, width=100)
    return into.getvalue()


def main() -> None:
    """Bring all catalogues up to date."""
    every = collected()
    (language.LOCALE / f"{language.ALL_STRINGS}.pot").write_bytes(_HEAD.encode() + written(every))
    for code in language.ALL:
        if code != language.ENGLISH.code:
            path = language.LOCALE / f"{code}.po"
            with path.open("rb") as file:
                known = read_po(file, locale=code)
            known.update(every, no_fuzzy_matching=True, update_header_comment=False)
            known.obsolete.clear()
            path.write_bytes(_HEAD.encode() + written(known))


_HEAD: Final = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


if __name__ == "__main__":
    main()
