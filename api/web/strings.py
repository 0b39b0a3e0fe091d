"""The strings of the pages: `python -m api.web.strings` brings the catalogues up to date.

Strings that pages say stand in `_()`. Whatever else is a sentence in the code is what the service
may say to a reader: those are collected, too, with gaps where the code fills something in.

New strings come in untranslated, those that are gone go; a language with an untranslated string
is not offered (`api.web.language`).
"""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.web import language, sentences
from service.access import Right, Role
from service.events.event import EventKind
from service.loans.life import RULES, LoanState
from service.members import Gender
from service.organisations import OrganisationKind
from service.requests.request import RequestState
from service.sheets import drafting
from service.sheets.sheet import SheetLineKind, SheetState

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
_SPEAKING: Final = (
    *("service/**/*.py", "ledger/**/*.py", "api/web/*.py", "api/papers/*.py"),
    "api/database_errors.py",
)
_FOR_OTHERS: Final = frozenset({"database", "demo", "imports", "packs", "tables", "plaintext.py"})
"""Parts of the service that speak to whoever runs it, or in files."""
_WORDS: Final = (
    *(EventKind, Gender, LoanState, OrganisationKind, RequestState, Right, Role),
    *(SheetLineKind, SheetState),
)
"""Of which the sentences of the service name one."""
_PHRASES: Final = (
    *("nobody", "a pledge", "a guarantor who pledges", "an unknown sum", "an amount"),
    *("how it was paid: cash or bank", "the fund whose money it is"),
    *("the code of what it undoes", "its loan"),
)
"""With which gaps are filled, beside codes, days, amounts and the words above."""
_FILLED: Final = re.compile(r"\{\w*\}")
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
    for path, sentence in spoken():
        found.add(sentence, locations=[(path, 0)], context=sentences.CONTEXT)
    return found


def spoken() -> Iterator[tuple[str, str]]:
    """The sentences of the service that are not in `_()`, and words in them, with their places."""
    for kind in _WORDS:
        yield from ((kind.__module__, word.value.replace("_", " ")) for word in kind)
    yield from ((LoanState.__module__, rule.does) for rule in RULES.values())
    yield from ((sentences.__name__, one) for one in (sentences.OR, sentences.AND, *_PHRASES))
    yield drafting.__name__, _numbered(drafting.NARRATIVE)
    for path in sorted(path for speaks in _SPEAKING for path in ROOT.glob(speaks)):
        name = path.relative_to(ROOT)
        if _FOR_OTHERS.isdisjoint(name.parts):
            for said, is_reason in _texts(ast.parse(path.read_text())):
                if " " in said and (is_reason or said.endswith(".")):
                    for one in sentences.split(said):
                        yield str(name), sentences.begun(_numbered(one))


def _texts(tree: ast.AST, *, is_reason: bool = False) -> Iterator[tuple[str, bool]]:
    """Texts in code that are no docstrings and in no `_()`; {} is what is filled in.

    Beside each, whether it is yielded, as reasons are, which may be no sentences.
    """
    match tree:
        case ast.Expr(ast.Constant()) | ast.Call(ast.Name("_")) | ast.keyword("description"):
            return
        case ast.Constant(str(said)):
            yield said.strip(), is_reason
        case ast.JoinedStr(parts):
            said = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            yield said, is_reason
        case _:
            for child in ast.iter_child_nodes(tree):
                yield from _texts(child, is_reason=isinstance(tree, ast.Yield))


def _numbered(sentence: str) -> str:
    """A sentence with its gaps counted."""
    words = _FILLED.split(sentence)
    return words[0] + "".join(f"{{{n}}}{one}" for n, one in enumerate(words[1:]))


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
