"""Settings, all from the environment (`AMANAT_…`), each with a default that is safe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How this installation runs."""

    model_config = SettingsConfigDict(env_prefix="AMANAT_", extra="ignore")

    data_dir: Path = Path("var")
    """Where the embedded PostgreSQL keeps its files."""
    database_url: str | None = None
    """A PostgreSQL server of your own (`postgresql://…`); unset, an embedded one is run."""
    postgres_bin: Path | None = None
    """The directory of PostgreSQL's binaries, for the embedded server."""
    host: str = "127.0.0.1"
    """The address to listen on. Other than loopback, `allow_remote` must be set too."""
    port: int = 8040
    allow_remote: bool = False
    """Whether the service may listen beyond this machine; put what speaks TLS in front of it."""
    proxy: str | None = None
    """The address of a proxy in front, whose `X-Forwarded-For` is believed; without it nobody's."""
    metrics_address: str | None = None
    """Where metrics are shown to anyone who asks, such as `127.0.0.1:9464`; unset, nowhere."""
    connections: int = 10
    """The size of the pool of database connections."""
    requests_per_credential: Annotated[int, Field(ge=1)] = 600
    """How many requests a minute one session, or one machine, may make."""
    requests_per_address: Annotated[int, Field(ge=1)] = 600
    """How many requests a minute may come from one address before anybody is signed in."""
    sign_ins_per_address: Annotated[int, Field(ge=1)] = 60
    """How many attempts a minute to sign in or to recover may come from one address."""
    answer_within_s: Annotated[float, Field(gt=0)] = 35
    """After how many seconds a request is given up that has no answer yet."""
    paper_libraries: str = ""
    """Folders with the libraries that papers need, colons between; unset, those of the machine."""
    body_within_s: Annotated[float, Field(gt=0)] = 30
    """Within how many seconds the whole body of a request has to arrive."""
