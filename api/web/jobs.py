"""The work of every night: what each job did last, what it has yet to do, what the proof found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request, Response

from api.serving import serving
from api.web import desk
from api.web.doors import to_read
from api.web.reader import Reader
from api.web.route import router
from ledger.calendar import BUSINESS_ZONE
from service import access, jobs, proofs
from service.access import Right

if TYPE_CHECKING:
    from service.jobs import Standing

pages = router()

FINDINGS: Final = 50
AfterNo = Annotated[int, Query(ge=0, le=2**62)]


def _(message: str) -> str:
    return message


NAMES: Final = {
    "fold": _("Figures of all organisations"),
    "proof": _("Proof of all books and audit trails"),
    "arrears": _("Late loans"),
    "mobilisation": _("Resources mobilised"),
    "purge": _("Deleting what is kept no longer"),
}
"""What a job is called; one that is not here goes by its own name."""


@pages.get("/jobs")
async def jobs_page(request: Request, after: AfterNo = 0) -> Response:
    """How every job stands, and what the last proof found."""
    async with to_read(request) as books:
        await access.authorise_house(books, Right.ADMINISTER, or_right=Right.READ)
        async with books.whole_house():
            state = await jobs.state(books, serving(request).duties)
            found = await proofs.found(books, on=None, after=after, limit=FINDINGS + 1)
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "jobs.html",
            word="jobs",
            state=state,
            names={name: reader.says(said) for name, said in NAMES.items()},
            how=_how,
            findings=found[:FINDINGS],
            next=f"/jobs?after={found[FINDINGS - 1].n}" if len(found) > FINDINGS else "",
            zone=BUSINESS_ZONE,
        )


def _how(one: Standing) -> str:
    """In which state a job is: running, failed since it was last done, behind, or in order."""
    if one.running is not None:
        return "running"
    failed = one.failure is not None and (
        one.last_success_at is None or one.failure.at > one.last_success_at
    )
    if failed:
        return "failed"
    return "behind" if one.lag_days or one.last_success_at is None else "done"
