"""Typed settings from the environment; an unsafe production set-up refuses to start (S34)."""

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from lti_tool.errors import ConfigurationError

Environment = Literal["production", "demo", "test"]


class Settings(BaseSettings):
    """Every setting, read from `UNDERTONE_…` variables (`DATABASE_URL` has its customary name)."""

    model_config = SettingsConfigDict(
        env_prefix="UNDERTONE_", env_file=None, extra="ignore", populate_by_name=True
    )

    environment: Environment = "production"
    home: Path = Path("var")
    """Where keys, weights and the default database live; never inside the package."""
    database_url: str = Field("", validation_alias="DATABASE_URL")
    broker_url: str = ""
    base_url: str = "http://localhost:8700"
    """The address at which a browser reaches the tool, without a trailing slash."""
    host: str = "127.0.0.1"
    port: int = Field(8700, ge=1, le=65535)
    keys_file: Path | None = None
    encryption_keys: SecretStr | None = None
    trusted_proxies: int = 0

    outbound_hosts: list[str] = []
    """`host:port` entries that may be reached although private or plain http (S17)."""

    smallest_group: int = Field(5, ge=5, le=30)
    pull_seconds: int = Field(3600, gt=0)
    snapshot_seconds: int = Field(3600, gt=0)
    job_lease_seconds: float = Field(20, gt=0)
    """How long a worker may be silent before its job is given to another; it tells four times as often."""
    retrain_at: str = Field("02:30", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    """When the night's run begins, HH:MM in UTC."""
    retrain_seconds: int = Field(1800, gt=0)
    """Time box of a retraining run."""
    retrain_least_corrections: int = 30
    retrain_on_request_only: bool = False
    starter_model: Path | None = None
    """A checkpoint directory to begin with instead of the model that comes with the project."""
    help_contacts: str = ""
    locale: str = "en"

    @property
    def database(self) -> str:
        """The database address; SQLite in `home` unless `DATABASE_URL` says otherwise."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'undertone.db'}"

    @property
    def weights_home(self) -> Path:
        return self.home / "weights"

    @property
    def keys_path(self) -> Path:
        return self.keys_file or self.home / "keys.json"

    def check(self) -> "Settings":
        """Return self, or raise ConfigurationError naming every unsafe value (S34, P53)."""
        faults = []
        if self.environment == "production":
            if urlsplit(self.base_url).scheme != "https":
                faults.append("UNDERTONE_BASE_URL must be https")
            if not self.help_contacts.strip():
                faults.append("UNDERTONE_HELP_CONTACTS must name where students find help")
            if self.outbound_hosts:
                faults.append("UNDERTONE_OUTBOUND_HOSTS opens private addresses and is for trials only")
        if faults:
            raise ConfigurationError("; ".join(faults))
        return self
