from __future__ import annotations

import csv
import io
import json
import re
import shutil
import stat
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from sqlalchemy import make_url

from jobs import cli, listening, reporting
from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from service.reports.rendering import FORMS
from service.tables.columns import Column, Form
from tests.jobs.asking import ONE_CO
from tests.jobs.services import amanat as amanat_process
from tests.support import programs, workbooks
from tests.support.database import asyncpg_url, execute, fetch, scratch_directory
from tests.support.oracle import read

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPECTED = ONE_CO / "expected"
UNDATED = ("journal", "mobilisation", "schedules")
DATED = ("loans", "member_savings", "par", "rollup", "trial_balance")


class Amanat(Protocol):
    """The command, run in this process: its exit status, what it printed, what it complained."""

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Run it with these arguments."""
        ...


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Amanat:
    """The `amanat` command on whatever database the environment names."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["amanat", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def on_empty(monkeypatch: pytest.MonkeyPatch, database_url: str) -> str:
    """The command works on books without entries."""
    monkeypatch.setenv("AMANAT_DATABASE_URL", asyncpg_url(database_url))
    return database_url


@pytest.fixture
def on_loaded(monkeypatch: pytest.MonkeyPatch, loaded_url: str) -> str:
    """The command works on the books of the smallest bundle."""
    monkeypatch.setenv("AMANAT_DATABASE_URL", asyncpg_url(loaded_url))
    return loaded_url


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the smallest bundle, to be damaged."""
    return Path(shutil.copytree(ONE_CO, tmp_path / "one-co"))


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


def test_without_a_service_the_commands_bring_their_own_postgres(data_dir: Path) -> None:
    """A fresh machine: import twice, and prove; each command starts and stops what it needs."""
    first = amanat_process(data_dir, "import", ONE_CO, "--actor", "Nasreen")
    assert (first.returncode, first.stdout) == (0, "one-co is loaded: 43 entries posted.\n")
    assert "one-co: 34 of 34 sheets and events" in first.stderr
    again = amanat_process(data_dir, "import", ONE_CO)
    assert again.returncode == 0
    assert again.stdout == "one-co is loaded already; nothing was changed.\n"
    proof = amanat_process(data_dir, "verify")
    assert (proof.returncode, proof.stderr) == (0, "")
    assert proof.stdout == (
        "All holds: 5 books, 43 entries and 197 lines proven, and 1 link of the audit trail.\n"
    )


def test_import_twice_in_one_database_says_so(command: Amanat, on_empty: str) -> None:
    """The second time changes nothing, and is no error."""
    assert command("import", ONE_CO, "--actor", "Nasreen")[:2] == (
        0,
        "one-co is loaded: 43 entries posted.\n",
    )
    assert command("import", ONE_CO)[:2] == (
        0,
        "one-co is loaded already; nothing was changed.\n",
    )
    assert fetch(on_empty, "SELECT imported_by FROM service.bundle") == [("Nasreen",)]


def test_a_bad_bundle_is_refused_with_every_problem(
    command: Amanat, on_empty: str, bundle: Path
) -> None:
    """One line each: where, what, and what to do; and nothing is kept."""
    lines = (bundle / "sheet_lines.csv").read_text(encoding="utf-8").replace("50.00", "fifty")
    (bundle / "sheet_lines.csv").write_text(lines, encoding="utf-8")
    (bundle / "holidays.csv").unlink()
    with pytest.raises(BundleRefused) as refused:
        read_bundle(bundle)
    status, out, err = command("import", bundle)
    assert (status, out) == (1, "")
    problems = err.splitlines()[1:]
    assert err.splitlines()[0] == f"amanat: The bundle is refused: {len(problems)} problems."
    assert problems == [str(problem) for problem in refused.value.problems]
    assert "holidays.csv: there is no such file. Add it, if only with its header." in problems
    assert problems[-1].startswith("sheet_lines.csv line ")
    assert fetch(on_empty, "SELECT FROM service.organisation") == []


def test_what_the_books_refuse_is_a_problem_like_any_other(
    command: Amanat, on_empty: str, bundle: Path
) -> None:
    """A withdrawal above the savings is found when posting, and leaves nothing behind."""
    path = bundle / "events.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("cash,VO-01,,500.00", "cash,VO-01,,5000000.00"), encoding="utf-8")
    status, _, err = command("import", bundle)
    assert status == 1
    assert "events.csv line 8" in err
    assert fetch(on_empty, "SELECT FROM ledger.entry") == []


def test_warnings_do_not_refuse_a_bundle(command: Amanat, on_empty: str, bundle: Path) -> None:
    """What is only odd is told beside the success."""
    path = bundle / "members.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("10000-0000001-2", "10000-0000001-3"), encoding="utf-8")
    status, out, err = command("import", bundle)
    assert (status, out) == (0, "one-co is loaded: 43 entries posted.\n")
    assert "warning: members.csv line 2" in err
    assert fetch(on_empty, "SELECT count(*) FROM service.bundle") == [(1,)]


@pytest.mark.parametrize("name", UNDATED)
@pytest.mark.usefixtures("on_loaded")
def test_reports_without_a_day_equal_the_reference(
    command: Amanat, tmp_path: Path, name: str
) -> None:
    """Byte for byte, written whole to a file."""
    file = tmp_path / "report.csv"
    assert command("report", name, "--out", file)[:2] == (0, "")
    assert file.read_bytes() == (EXPECTED / f"{name}.csv").read_bytes()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", DATED)
@pytest.mark.usefixtures("on_loaded")
def test_reports_on_several_days_equal_the_reference(
    command: Amanat, tmp_path: Path, name: str
) -> None:
    """Each day that the reference has is asked for; byte for byte."""
    days = sorted({row["as_of"] for row in read(EXPECTED / f"{name}.csv")})
    asked = [word for day in days for word in ("--as-of", day)]
    file = tmp_path / "report.csv"
    assert command("report", name.replace("_", "-"), *asked, "--out", file)[:2] == (0, "")
    assert file.read_bytes() == (EXPECTED / f"{name}.csv").read_bytes()


@pytest.mark.usefixtures("on_loaded")
def test_reports_of_what_was_known_equal_the_reference(command: Amanat, tmp_path: Path) -> None:
    """Each day as known at two moments, one after the other, makes the file."""
    file, found = tmp_path / "report.csv", ""
    moments = {(row["as_of"], row["known_by"]): None for row in read(_known())}
    for day, moment in moments:
        asked = ("trial-balance", "--as-of", day, "--known-by", moment, "--out", file)
        assert command("report", *asked)[:2] == (0, "")
        header, _, rows = file.read_text(encoding="utf-8").partition("\n")
        found = (found or f"{header}\n") + rows
    assert found == _known().read_text(encoding="utf-8")


def _known() -> Path:
    return EXPECTED / "trial_balance_known.csv"


@pytest.mark.usefixtures("on_loaded")
def test_a_report_on_the_terminal_and_as_json(command: Amanat) -> None:
    """Without a file it goes to the standard output; JSON names every cell."""
    asked = ("report", "loans", "--as-of", "2026-06-30", "--node", "VO-01")
    status, out, _ = command(*asked, "--format", "json")
    found = json.loads(out)
    assert (status, found["name"]) == (0, "loans")
    assert {"loan", "days_past_due"} <= found["rows"][0].keys()
    assert command(*asked)[1].splitlines()[0].startswith("as_of,loan,")


@pytest.mark.usefixtures("on_loaded")
def test_a_report_as_a_workbook(command: Amanat, tmp_path: Path) -> None:
    """With what the CSV has."""
    file = tmp_path / "loans.xlsx"
    asked = ("report", "loans", "--as-of", "2026-06-30")
    assert command(*asked, "--format", "xlsx", "--out", file)[:2] == (0, "")
    columns, *rows = csv.reader(io.StringIO(command(*asked)[1]))
    typed = [Column(name, FORMS.get(name, Form.TEXT)) for name in columns]
    found = workbooks.read(file.read_bytes(), typed)
    assert (found.columns, found.rows) == (columns, rows)


@pytest.mark.usefixtures("on_loaded")
def test_a_pack_is_written_whole_and_agrees(command: Amanat, tmp_path: Path) -> None:
    """Of a VO with all below it, or of it alone."""
    file, folder = tmp_path / "pack.zip", tmp_path / "pack"
    period = ("--from", "2026-04-01", "--to", "2026-06-30")
    status, out, _ = command("pack", "VO-01", *period, "--out", file)
    assert (status, " ".join(out.split())) == (
        0,
        f"{file}: 2 books, {file.stat().st_size} bytes. Unpack it, run python3 verify.py.",
    )
    assert list(tmp_path.iterdir()) == [file]
    zipfile.ZipFile(file).extractall(folder)
    said = programs.asked(sys.executable, folder / "verify.py")
    assert said.endswith("Everything agrees.\n")
    assert "1 books" in command("pack", "VO-01", "--alone", *period, "--out", file)[1]


@pytest.mark.usefixtures("on_loaded")
def test_a_report_that_cannot_be_written_leaves_the_old_file(
    command: Amanat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs the new report, not the old one, and leaves no half of it."""
    file = tmp_path / "report.csv"
    file.write_text("as it was", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    status, _, err = command("report", "journal", "--out", file)
    assert (status, err) == (1, "amanat: [Errno 28] No space left on device\n")
    assert file.read_text(encoding="utf-8") == "as it was"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("report", "loan"), 1, "There is no report 'loan'. Choose one of journal"),
        (("report", "par"), 1, "The report par is as at a day. Say which: as_of."),
        (("report", "par", "--as-of", "30 June"), 2, "'30 June' is no day. Write it as"),
        (("report", "journal", "--known-by", "now"), 2, "'now' is no moment."),
        (("report", "journal", "--known-by", "2026-06-30T10:00:00"), 1, "known_by: it needs its"),
        (("report", "journal", "--node", "CO-99"), 1, "There is no organisation CO-99."),
        (("report", "journal", "--format", "xml"), 2, "'xml' is not one of 'csv', 'json'"),
        (("pack", "CO-99", "--out", "it.zip"), 1, "There is no organisation CO-99."),
        (("pack", "CO-01", "--from", "June", "--out", "it.zip"), 2, "'June' is no day."),
        (("jobs", "run", "arears", "--on", "2026-06-30"), 1, "There is no job 'arears'."),
        (("jobs", "run", "arrears", "--on", "2999-06-30"), 1, "2999-06-30 is not over yet"),
        (("jobs", "run", "arrears"), 2, "Missing option '--on'"),
        (("import", "nowhere"), 1, "nowhere: there is no such folder."),
        (("imports",), 2, "No such command 'imports'"),
    ],
)
@pytest.mark.usefixtures("on_loaded")
def test_what_is_refused_is_one_clear_sentence(
    command: Amanat, arguments: tuple[str, ...], status: int, said: str
) -> None:
    """Status 1 where the rules refuse, 2 where the command is misused; never a stack trace."""
    found, out, err = command(*arguments)
    assert (found, out) == (status, "")
    assert said in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err


def test_verify_names_what_does_not_hold(command: Amanat, on_loaded: str) -> None:
    """Somebody went behind the service's back: the proof says where, and fails."""
    execute(
        on_loaded,
        "UPDATE ledger.account SET debit = debit + 100 WHERE book_id = (SELECT id FROM ledger.book"
        " WHERE organisation = 'CO-01') AND code = '1000' AND fund = 'own'",
    )
    status, out, err = command("verify")
    assert status == 1
    assert "(CO-01), account" in out
    assert "do not hold, of 5 books, 43 entries and 197 lines looked at, and 1 link of" in err


def test_verify_names_the_link_of_the_audit_trail_that_was_changed(
    command: Amanat, on_loaded: str
) -> None:
    """The trail is proven with the books."""
    execute(
        on_loaded, "SET session_replication_role = replica; UPDATE audit.trail SET actor = 'nobody'"
    )
    status, out, err = command("verify")
    assert status == 1
    assert out == "audit trail of the house, link 1: it does not say what was sealed\n"
    assert err.startswith("1 things do not hold")


def test_jobs_are_run_by_hand_and_listed(command: Amanat, on_loaded: str) -> None:
    """By hand a job does one day, once; the list says how far behind each is."""
    assert "never" in command("jobs", "list")[1]
    run = ("jobs", "run", "arrears", "--on", "2026-06-30")
    assert command(*run)[:2] == (0, "arrears is done for 2026-06-30: 8 rows in 3 steps.\n")
    assert command(*run)[:2] == (
        0,
        "arrears is done already for 2026-06-30; nothing was changed.\n",
    )
    _, out, _ = command("jobs", "list")
    header, arrears, mobilisation, proof, purge, fold, leader = out.splitlines()
    assert header.split("  ")[0] == "job"
    assert "00:15 Asia/Karachi" in arrears
    assert "2026-06-30" in arrears
    assert lag(arrears) == lag(mobilisation) - 1
    assert lag(proof) == lag(purge) == lag(mobilisation)
    assert " continuously " in fold
    assert re.search(r"\b\d+ deltas since 2026-", fold)
    assert leader == "No process leads: nothing runs but by hand."
    assert fetch(on_loaded, "SELECT asked_by FROM service.job_run") == [("command line",)]


def test_what_a_proof_found_is_shown_until_a_proof_finds_nothing(
    command: Amanat, on_loaded: str
) -> None:
    """The list of jobs says how much it is; the findings, where."""
    forged = "SET session_replication_role = replica; UPDATE audit.trail SET actor = '{}'"
    ((actor,),) = fetch(on_loaded, "SELECT DISTINCT actor FROM audit.trail")
    execute(on_loaded, forged.format("x"))
    assert command("jobs", "findings")[1] == "Nothing was found.\n"
    assert command("jobs", "run", "proof", "--on", "2026-06-29")[0] == 0
    _, said, _ = command("jobs", "list")
    assert "proof found 1 thing that does NOT HOLD: see `amanat jobs findings`." in said
    link = "audit trail of the house, link 1: it does not say what was sealed\n"
    assert command("jobs", "findings")[1] == link
    execute(on_loaded, forged.format(actor))
    command("jobs", "run", "proof", "--on", "2026-06-30")
    assert "NOT HOLD" not in command("jobs", "list")[1]
    assert command("jobs", "findings")[1] == "Nothing was found.\n"
    assert command("jobs", "findings", "--on", "2026-06-29")[1] == link


def test_what_runs_and_what_failed_is_listed(command: Amanat, on_loaded: str) -> None:
    """Whoever does it, and wherever the list is asked for."""
    run = "INSERT INTO service.job_run (id, job, business_date, started_at, asked_by, rows_made,"
    execute(
        on_loaded,
        f"{run} step, parts, seen_at) VALUES (gen_random_uuid(), 'arrears', '2026-06-30',"
        " now(), 'schedule', 7, 'loans', 29, now())",
        f"{run} failed_at, failure) VALUES (gen_random_uuid(), 'mobilisation', '2026-06-30',"
        " '2026-07-01T00:20:00+05:00', 'schedule', 7, '2026-07-01T00:35:00+05:00', 'It hung.')",
    )
    *_, running, failed, leader = command("jobs", "list")[1].splitlines()
    assert running.startswith("arrears runs for 2026-06-30 since ")
    assert running.endswith(": 0 of 29 parts of loans, 7 rows.")
    assert failed == "mobilisation failed 2026-07-01 00:35: It hung."
    assert leader.startswith("No process leads")


def lag(line: str) -> int:
    """The lag in days that a line of the list says."""
    found = re.search(r"(\d+) days", line)
    assert found is not None
    return int(found[1])


def test_migrate_makes_the_database_and_other_commands_ask_for_it(
    command: Amanat, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    """On a server of your own what writes makes the schema: `migrate`, `import`, the service."""
    named = make_url(asyncpg_url(postgres_url)).set(database='a "new" one')
    monkeypatch.setenv("AMANAT_DATABASE_URL", named.render_as_string(hide_password=False))
    missing = command("verify")
    assert missing[0] == 1
    assert "does not exist. Run `amanat migrate` first." in missing[2]
    try:
        execute(postgres_url, 'CREATE DATABASE "a ""new"" one"')
        assert command("verify")[2] == (
            "amanat: The database has no books yet. Run `amanat migrate` first.\n"
        )
        execute(postgres_url, 'DROP DATABASE "a ""new"" one"')
        assert command("migrate")[:2] == (0, "The database has the newest schema.\n")
        assert command("migrate")[0] == 0
        assert command("verify")[1].startswith("All holds: 0 books")
        execute(postgres_url, 'DROP DATABASE "a ""new"" one"')
        assert command("import", str(ONE_CO))[0] == 0
        assert command("verify")[1].startswith("All holds: 5 books")
    finally:
        execute(postgres_url, 'DROP DATABASE IF EXISTS "a ""new"" one" WITH (FORCE)')


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://nobody@/amanat?host=/nonexistent", "No such file or directory"),
        ("postgresql://nobody@127.0.0.1:1/amanat", "Connect call failed"),
        ("here", "AMANAT_DATABASE_URL is no address of a database"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence(
    command: Amanat, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    """What the operator has to mend is named."""
    monkeypatch.setenv("AMANAT_DATABASE_URL", address)
    status, out, err = command("verify")
    assert (status, out) == (1, "")
    assert said in err
    assert "Traceback" not in err


def test_a_data_directory_that_is_none_is_one_sentence(
    command: Amanat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded server's refusals are told like any other."""
    monkeypatch.setenv("AMANAT_DATA_DIR", "/dev/null/below")
    status, _, err = command("verify")
    assert status == 1
    assert "cannot use /dev/null/below as a data directory: Not a directory." in err


def test_a_setting_that_is_none_is_named(command: Amanat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the variable, and what is wrong with it."""
    monkeypatch.setenv("AMANAT_PORT", "eighty")
    status, _, err = command("serve")
    assert status == 1
    assert err.startswith("amanat: AMANAT_PORT: Input should be a valid integer")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])  # noqa: S104 - refused
def test_strangers_are_refused(command: Amanat, host: str) -> None:
    """Passwords go over the wire, so the service listens to this machine alone, unless told."""
    status, _, err = command("serve", "--host", host)
    assert status == 1
    assert "put something that speaks TLS in front" in err
    assert "AMANAT_ALLOW_REMOTE=true" in err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("0.0.0.0:9464", "AMANAT_ALLOW_REMOTE=true"),
        ("9464", "write '9464' as 127.0.0.1:9464"),
        ("127.0.0.1:http", "as 127.0.0.1:9464"),
        ("127.0.0.1:99999", "as 127.0.0.1:9464"),
    ],
)
def test_metrics_are_shown_where_that_is_possible_and_harmless(
    command: Amanat, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    """They ask for no sign-in, so they are for this machine alone, unless told."""
    monkeypatch.setenv("AMANAT_METRICS_ADDRESS", address)
    status, _, err = command("serve", "--port", "0")
    assert status == 1
    assert said in err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_no_stranger(host: str) -> None:
    """Every address of loopback will do."""
    assert listening.is_loopback(host)


def test_a_bundle_that_is_bad_stops_the_service_before_it_starts(command: Amanat) -> None:
    """A demo that cannot be loaded is told before PostgreSQL is begun."""
    status, _, err = command("serve", "--demo", "nowhere")
    assert status == 1
    assert "nowhere: there is no such folder." in err


def test_version_and_help(command: Amanat) -> None:
    """Each command has a line in the help."""
    assert command("version")[1].startswith("amanat 0.")
    listed = command("--help")[1]
    for name in ("serve", "import", "report", "verify", "migrate", "version", "jobs"):
        assert f" {name} " in listed


def test_a_report_is_readable_as_the_umask_says(tmp_path: Path) -> None:
    """A report is no secret: it gets the rights of any other new file."""
    reporting.write_whole(tmp_path / "report.csv", b"x\n")
    (tmp_path / "other").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1
