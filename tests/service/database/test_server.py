from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from service.database import data_directory, embedded, server
from service.settings import Settings
from tests.support.database import (
    asyncpg_url,
    execute,
    fetch,
    programs_under_test,
    scratch_directory,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKS = "SELECT count(*) FROM ledger.book"


@pytest.fixture
def settings() -> Iterator[Settings]:
    with scratch_directory() as directory:
        yield Settings(data_dir=directory, database_url=None, postgres_bin=programs_under_test())


def test_the_embedded_database_is_made_migrated_and_stopped(settings: Settings) -> None:
    """Whoever opens the books of a fresh machine finds them empty and ready."""
    with server.database(settings) as url:
        assert fetch(url, BOOKS) == [(0,)]
        assert embedded.attach(settings.data_dir) is not None
    assert embedded.attach(settings.data_dir) is None


def test_the_server_of_a_live_service_is_joined_and_left_running(settings: Settings) -> None:
    """A command beside the service works in its database, and does not stop it."""
    with server.database(settings, serving=True) as served:
        with server.database(settings) as joined:
            assert joined == served
        assert fetch(served, BOOKS) == [(0,)]


def test_a_second_service_is_refused(settings: Settings) -> None:
    """Only commands join; two services on one data directory are a mistake."""
    with (
        server.database(settings, serving=True),
        pytest.raises(embedded.DataDirectoryInUse, match="stop that service first"),
        server.database(settings, serving=True),
    ):
        pass


def test_a_command_waits_for_a_service_that_is_about_to_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the lock and the socket there is a moment in which neither way is open."""
    begun = threading.Event()

    def hold() -> None:
        with data_directory.held(settings.data_dir):
            begun.set()
            time.sleep(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    with server.database(settings) as url:
        assert fetch(url, BOOKS) == [(0,)]
    holder.join()
    monkeypatch.setattr(server, "PATIENCE_S", 0.2)
    with (
        data_directory.held(settings.data_dir),
        pytest.raises(embedded.DataDirectoryInUse),
        server.database(settings),
    ):
        pass


def test_there_is_nothing_to_join_where_nothing_runs(settings: Settings) -> None:
    """Neither before the first start, nor where a killed service left its directories."""
    missing = settings.data_dir / "missing"
    assert embedded.attach(missing) is None
    with server.database(settings):
        pass
    (settings.data_dir / "postgres" / "socket").mkdir(mode=0o700)
    assert embedded.attach(settings.data_dir) is None


def test_a_server_of_your_own_is_changed_by_the_service_alone(
    settings: Settings, postgres_url: str
) -> None:
    """A command takes the database as it is; the service, and who asks to, migrates it."""
    own = make_url(asyncpg_url(postgres_url)).set(database="owned")
    told = Settings(
        data_dir=settings.data_dir, database_url=own.render_as_string(hide_password=False)
    )
    names = "SELECT datname FROM pg_database WHERE datname = 'owned'"
    try:
        with server.database(told):
            assert fetch(postgres_url, names) == []
        for asked in ({"serving": True}, {"migrated": True}):
            with server.database(told, **asked) as url:
                assert fetch(url, BOOKS) == [(0,)]
        assert list(settings.data_dir.iterdir()) == []
    finally:
        execute(postgres_url, 'DROP DATABASE IF EXISTS "owned" WITH (FORCE)')


def test_the_names_of_tls_are_understood_on_both_sides() -> None:
    """PostgreSQL's own clients say sslmode, SQLAlchemy's driver says ssl."""
    ours = server._with_our_driver("postgresql://amanat@db.example/amanat?sslmode=require")
    assert ours == "postgresql+asyncpg://amanat@db.example/amanat?ssl=require"
    assert server._with_our_driver("postgres://amanat@/amanat") == (
        "postgresql+asyncpg://amanat@/amanat"
    )
