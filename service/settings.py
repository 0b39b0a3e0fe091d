"""Settings, all from the environment (`AMANAT_…`), each with a default that is safe."""

from __future__ import annotations

from pathlib import Path

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
    """Whether the service may listen beyond this machine, although nobody logs in yet."""
    connections: int = 10
    """The size of the pool of database connections."""
