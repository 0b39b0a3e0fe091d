"""What something failed of, in one sentence without anybody's names or amounts."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from ledger.refusals import Refusal


def driver_said(trouble: BaseException) -> BaseException:
    """What the driver raised, beneath what SQLAlchemy makes of it."""
    if isinstance(trouble, DBAPIError) and trouble.orig is not None:
        return trouble.orig.__cause__ or trouble.orig
    return trouble


def first_line(trouble: BaseException) -> str:
    """What went wrong, without its details, which hold what somebody wrote."""
    return str(trouble).partition("\n")[0]


def why(trouble: BaseException) -> str:
    """What is kept of a failure for everybody who looks after the jobs."""
    if isinstance(trouble, Refusal):
        return str(trouble)
    if isinstance(trouble, TimeoutError):
        return "It took too long, and was given up."
    said = driver_said(trouble)
    return f"{type(said).__name__}: {first_line(said)}"
