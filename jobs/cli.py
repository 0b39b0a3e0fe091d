"""The `amanat` command: each parses, opens what it needs, calls one function, prints."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console

from jobs import (
    admin,
    catalogue,
    generating,
    importing,
    listing,
    previewing,
    progress,
    proving,
    reporting,
    running,
    serving,
)
from jobs.reporting import Format
from jobs.trouble import EXPECTED, sentence
from service.books import make_engine
from service.database.server import database
from service.imports.reading import read_bundle
from service.people import Person
from service.reports.report import Query
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.imports.rows import Bundle

T = TypeVar("T")
ACTOR = "command line"
WIDE = 140
"""Columns of a table that goes to no terminal."""

out = Console(width=None if Console().is_terminal else WIDE)
log = Console(stderr=True)
app = typer.Typer(
    help="The books of community organisations: savings, loans, federations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
jobs_app = typer.Typer(help="Nightly work: see it, or run it by hand.", no_args_is_help=True)
app.add_typer(jobs_app, name="jobs")
admin_app = typer.Typer(help="Administrators of the whole house.", no_args_is_help=True)
app.add_typer(admin_app, name="admin")
loans_app = typer.Typer(help="Loans, tried before anyone signs.", no_args_is_help=True)
app.add_typer(loans_app, name="loans")
demo_app = typer.Typer(help="Books that are made up, to measure and to try.", no_args_is_help=True)
app.add_typer(demo_app, name="demo")


def clock() -> datetime:
    """The one real clock; everything below is handed it."""
    return datetime.now(UTC)


def main() -> None:
    """Run the command; what goes wrong is one sentence and a status, never a stack trace."""
    try:
        app()
    except EXPECTED as trouble:
        said = f"amanat: {sentence(trouble)}"
        log.print(said, style="red", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(1) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day. Write it as 2026-03-31.") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no moment. Write it as 2026-03-31T23:59:59+05:00."
        ) from None


Days = Annotated[
    list[date] | None,
    typer.Option("--as-of", parser=_day, metavar="DAY", help="The day, or days, to report on."),
]
Moment = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment, metavar="MOMENT", help="Leave out what was posted after it; with offset."
    ),
]
Folder = Annotated[
    Path, typer.Argument(metavar="BUNDLE", help="The folder that holds the ten files.")
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Listen here [AMANAT_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="On this port [AMANAT_PORT].")] = None,
    demo: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="Load this bundle on the first run.")
    ] = None,
) -> None:
    """Run the service until SIGINT or SIGTERM."""
    settings = Settings()
    given = {"host": host, "port": port}
    settings = settings.model_copy(update={k: v for k, v in given.items() if v is not None})
    bundle = None if demo is None else _read(demo)
    serving.serve(serving.Service(settings, bundle, clock, out, log))


@app.command("import")
def import_(
    bundle: Folder, actor: Annotated[str, typer.Option(help="Who imports.")] = ACTOR
) -> None:
    """Load a bundle: all of it, or nothing and every problem found."""
    content = _read(bundle)
    loaded = _on_books(
        lambda engine: importing.load_bundle(
            engine, content, actor=actor, clock=clock, console=log
        ),
        migrated=True,
    )
    out.print(importing.said(content, loaded), highlight=False, markup=False)


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report.")],
    as_of: Days = None,
    known_by: Moment = None,
    node: Annotated[str | None, typer.Option(help="For this organisation and below.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.CSV,
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there, whole or not.")
    ] = None,
) -> None:
    """Write a report: journal, trial balance, loans and others."""
    query = Query(tuple(as_of or ()), known_by, node)
    content = _on_books(
        lambda engine: reporting.rendered(engine, name, query, format_, actor=ACTOR, clock=clock)
    )
    if file is not None:
        reporting.write_whole(file, content)
    else:
        typer.echo(content, nl=False)


@app.command()
def verify(
    processes: Annotated[
        int, typer.Option(min=1, max=8, help="How many of PostgreSQL share the work.")
    ] = 1,
) -> None:
    """Prove every book again, from its lines."""
    proof = _on_books(
        lambda engine: proving.proof(engine, actor=ACTOR, clock=clock, processes=processes)
    )
    for finding in proof.findings:
        typer.echo(str(finding))
    typer.echo(proving.said(proof), err=bool(proof.findings))
    raise typer.Exit(1 if proof.findings else 0)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema, making it if need be."""
    with database(Settings(), migrated=True):
        typer.echo("The database has the newest schema.")


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(f"amanat {installed_version('amanat')}")


@jobs_app.command("list")
def list_jobs() -> None:
    """Each job: when it runs, when it last did, how far it is behind; and who leads."""
    out.print(_on_books(lambda engine: listing.jobs_table(engine, actor=ACTOR, clock=clock)))


@jobs_app.command("run")
def run_job(
    name: Annotated[str, typer.Argument(help="Which job.")],
    on: Annotated[
        date, typer.Option("--on", parser=_day, metavar="DAY", help="The business date, now over.")
    ],
) -> None:
    """Run a job for a day, as far as it is not done."""
    job = catalogue.named(name)
    with progress.shown(log) as tell:
        ran = _on_books(
            lambda engine: running.run(engine, job, on, asked_by=ACTOR, clock=clock, tell=tell)
        )
    typer.echo(running.said(ran))


@jobs_app.command()
def findings(
    on: Annotated[
        date | None,
        typer.Option("--on", parser=_day, metavar="DAY", help="Of this night; else the newest."),
    ] = None,
) -> None:
    """Say what the proof of a night found that does not hold."""
    for line in _on_books(lambda engine: listing.findings(engine, on, actor=ACTOR, clock=clock)):
        typer.echo(line)


@demo_app.command()
def generate(
    cos: Annotated[int, typer.Option(min=1, max=999_999, help="How many COs; 18 members each.")],
    years: Annotated[int, typer.Option(min=1, max=20, help="How many years they have met.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same books.")],
    sheets: Annotated[
        int | None,
        typer.Option(min=1, max=12, help="Sheets a year; otherwise as many as fit the disk."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="How many write at once.")] = 2,
) -> None:
    """Write a federation of national shape into new books.

    LSOs, VOs, COs, members, loans and all entries of the years up to last month, about 18
    members a CO, 25 COs a VO, 9 VOs an LSO. Entries have no sheets and events beside them:
    they stand as if the books alone had been kept. Killed, the same command goes on.
    """
    asked = generating.Asked(cos, years, seed, sheets, processes)
    with database(Settings(), migrated=True) as url:
        made = generating.generate(url, asked, clock=clock, console=log)
    typer.echo(generating.said(made))


Random = Annotated[
    bool, typer.Option("--random", help="Make up a password, and tell it this once.")
]
PersonCode = Annotated[str, typer.Argument(help="The name to sign in with.")]


@admin_app.command("create")
def create_administrator(
    code: PersonCode,
    name: Annotated[str, typer.Option(help="The person's name.")],
    phone: Annotated[str | None, typer.Option(help="Such as '+92 300 0000001'.")] = None,
    random: Random = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Make an administrator of the whole house."""
    password = _new_password(random=random)
    person = Person(code, name, phone=phone)
    _on_books(
        lambda engine: admin.create(engine, person, password, actor=ACTOR, clock=clock),
        migrated=True,
    )
    _tell(f"{code} administers the whole house.", password, random=random)


@loans_app.command("preview")
def preview_loan(
    file: Annotated[
        typer.FileText, typer.Argument(help="Terms, dates and payments as JSON; - for the input.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers.")] = False,  # noqa: FBT002 - typer reads the default
) -> None:
    """Try a loan: its instalments, how payments split, what it comes to. Nothing is stored."""
    found = previewing.tried(file.read())
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        out.print(previewing.tables(found))


@admin_app.command("password")
def set_password(code: PersonCode, random: Random = False) -> None:  # noqa: FBT002 - as above
    """Give a person a new password; they are signed out everywhere."""
    password = _new_password(random=random)
    _on_books(lambda engine: admin.set_password(engine, code, password, actor=ACTOR, clock=clock))
    _tell(f"{code} has a new password.", password, random=random)


@admin_app.command("list")
def list_administrators() -> None:
    """Who administers the whole house."""
    out.print(_on_books(lambda engine: admin.administrators(engine, actor=ACTOR, clock=clock)))


def _new_password(*, random: bool) -> str:
    if random:
        return admin.random_password()
    if not sys.stdin.isatty():
        raise typer.BadParameter("There is no terminal to type a password at. Use --random.")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _tell(done: str, password: str, *, random: bool) -> None:
    typer.echo(f"{done} The password, shown this once: {password}" if random else done)


def _on_books(work: Callable[[AsyncEngine], Awaitable[T]], *, migrated: bool = False) -> T:
    """Do something with the books, whether or not a service runs beside."""
    settings = Settings()
    with database(settings, migrated=migrated) as url:
        return asyncio.run(_with_engine(url, settings.connections, work))


async def _with_engine(
    url: str, connections: int, work: Callable[[AsyncEngine], Awaitable[T]]
) -> T:
    engine = make_engine(url, connections=connections)
    try:
        return await work(engine)
    finally:
        await engine.dispose()


def _read(folder: Path) -> Bundle:
    bundle = read_bundle(folder)
    for warning in bundle.warnings:
        log.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
    return bundle


if __name__ == "__main__":
    main()
