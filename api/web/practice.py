"""Practice: a meeting of made-up people. Nothing is read from the books, and nothing written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response

from api.web import filled as forms
from api.web import refusals
from api.web.counting import counted_of
from api.web.doors import fields
from api.web.filled import Filled
from api.web.meeting import Card, Giving, Line, Meeting
from api.web.page import go, render, today
from api.web.reader import Reader
from api.web.route import router
from api.web.sheets import shown
from service.members import Gender, Member
from service.organisations import Organisation, OrganisationGender, OrganisationKind
from service.refusals import Malformed
from service.sheets.sheet import Sheet, SheetLineKind

if TYPE_CHECKING:
    from datetime import date

    from ledger.refusals import Refusal

pages = router()

HOME: Final = "CO-PRACTICE"
_BOX: Final = 1_845_000
_YEARS: Final = timedelta(days=730)
_SAVING: Final = 20_000
# English and Urdu name, then instalment due and what of it is late, in paisa.
_PEOPLE: Final = (
    ("Naseem Akhtar", "نسیم اختر", 168_000, 0),
    ("Khalida Begum", "خالدہ بیگم", 0, 0),
    ("Shahnaz Bibi", "شہناز بی بی", 110_000, 110_000),
    ("Rashida Noor", "راشدہ نور", 0, 0),
    ("Zubaida Khatoon", "زبیدہ خاتون", 84_500, 0),
    ("Mumtaz Jan", "ممتاز جان", 0, 0),
    ("Parveen Gul", "پروین گل", 0, 0),
)
_LENT: Final = 1_500_000
_BORROWER: Final = 3
"""The place of her who gets a loan today."""
PRACTISED: Final = frozenset({"paid", "given"})


def made_up(on: date) -> Meeting:
    """A meeting of people who do not exist: savings, instalments, one late, a loan to give."""
    home = Organisation(
        HOME,
        OrganisationKind.CO,
        "CO Chashma",
        on - _YEARS,
        "تنظیم چشمہ",
        OrganisationGender.WOMEN,
    )
    cards = tuple(
        Card(place, _member(place, *names, on=on), tuple(_lines(place, due, late)))
        for place, (*names, due, late) in enumerate(_PEOPLE, start=1)
    )
    borrower = cards[_BORROWER].member
    give = Giving("P-9", borrower, _LENT, _LENT, 0, None, None)
    return Meeting(home, on, cards, (give,), _BOX, "practice")


def _member(place: int, name: str, name_ur: str, *, on: date) -> Member:
    code = f"P-{place:04d}"
    return Member(code, HOME, name, Gender.FEMALE, on - _YEARS, name_ur=name_ur)


def _lines(place: int, due: int, late: int) -> list[Line]:
    saving = Line(SheetLineKind.SAVING_COMPULSORY, _SAVING)
    if not due:
        return [saving]
    return [saving, Line(SheetLineKind.REPAYMENT, due, late, f"P-{place}")]


@pages.get("/practice")
async def practice_page(request: Request) -> Response:
    """The sheet of a made-up meeting."""
    return _sheet(request)


@pages.post("/practice")
async def practise(request: Request) -> Response:
    """Go on to count the cash of a made-up meeting."""
    sent = await fields(request)
    try:
        sheet = _practised(request, sent)
    except Malformed as error:
        return _sheet(request, Filled.of(sent), error)
    return _count(request, sheet, sent)


@pages.get("/practice/receipts")
async def no_receipts(request: Request) -> Response:  # noqa: ARG001 - a page asks for it
    """Nothing is kept of a practice: it begins anew."""
    return go("/practice")


@pages.post("/practice/receipts")
async def practise_closing(request: Request) -> Response:
    """What everybody would get in hand, marked as practice."""
    sent = await fields(request)
    by_name = dict(sent)
    try:
        sheet = _practised(request, sent)
        taken, given = _cash(sheet)
        counted = taken - given
        if by_name.get("exactly") is None:
            counted = counted_of(by_name) - _BOX
    except Malformed as error:
        return _count(request, _practised(request, sent), sent, error)
    return _receipts(request, replace(sheet, cash_counted=counted))


def _practised(request: Request, sent: list[tuple[str, str]]) -> Sheet:
    return forms.sheet_of(Filled.of(sent), made_up(today(request)), counted=None)


def _cash(sheet: Sheet) -> tuple[int, int]:
    """What comes in and what goes out, in paisa; there are no fees."""
    out = {SheetLineKind.WITHDRAWAL, SheetLineKind.DISBURSEMENT}
    given = sum(line.amount for line in sheet.lines if line.kind in out)
    return sum(line.amount for line in sheet.lines) - given, given


def _sheet(
    request: Request, filled: Filled | None = None, error: Refusal | None = None
) -> Response:
    return render(
        request,
        "practice.html",
        meeting=made_up(today(request)),
        nth=1,
        action="/practice",
        mode="practice",
        filled=filled,
        wrong=forms.wrong_fields(error),
        said=refusals.of_error(Reader.of(request), error),
        **shown(Reader.of(request)),
    )


def _count(
    request: Request,
    sheet: Sheet,
    sent: list[tuple[str, str]],
    error: Refusal | None = None,
) -> Response:
    taken, given = _cash(sheet)
    return render(
        request,
        "practice_count.html",
        sheet=sheet,
        home=made_up(sheet.held_on).organisation,
        carried=[(name, value) for name, value in sent if _of_sheet(name)],
        box=_BOX,
        taken=taken,
        given=given,
        sent=dict(sent),
        wrong=forms.wrong_fields(error),
        said=refusals.of_error(Reader.of(request), error),
        **shown(Reader.of(request)),
    )


def _of_sheet(name: str) -> bool:
    return name in PRACTISED or name.startswith(("a:", "here:"))


def _receipts(request: Request, sheet: Sheet) -> Response:
    found = made_up(sheet.held_on)
    taken, given = _cash(sheet)
    figures: dict[str, Any] = shown(Reader.of(request))
    return render(
        request,
        "practice_receipts.html",
        sheet=sheet,
        voucher=None,
        home=found.organisation,
        members={card.member.code: card.member for card in found.cards},
        taken=taken,
        given=given,
        over=(sheet.cash_counted or 0) - (taken - given),
        kinds=figures["kinds"],
        out={SheetLineKind.WITHDRAWAL, SheetLineKind.DISBURSEMENT},
    )
