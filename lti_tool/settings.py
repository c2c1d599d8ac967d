"""Typed settings from the environment; an unsafe production set-up refuses to start (S34)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lti_tool.errors import ConfigurationError

Environment = Literal["production", "demo", "test"]
A_WEB_ADDRESS = "must be a web address such as https://undertone.example"
A_REDIS = "must be the address of a Redis, such as redis://localhost:6379"
SEALS = "ledger-seals.jsonl"
BOUNDS = {"ge": "at least", "gt": "above", "le": "at most"}


class Settings(BaseSettings):
    """Every setting, read from `UNDERTONE_…` variables (`DATABASE_URL` has its customary name)."""

    model_config = SettingsConfigDict(
        env_prefix="UNDERTONE_", env_file=None, extra="ignore", populate_by_name=True
    )

    environment: Environment = "production"
    home: Path = Path("var")
    """Where keys, weights and the default database live; never inside the package."""
    database_url: str = Field("", validation_alias="DATABASE_URL")
    base_url: str = "http://localhost:8700"
    """The address at which a browser reaches the tool; a trailing slash is taken off."""
    host: str = "127.0.0.1"
    port: int = Field(8700, ge=1, le=65535)
    web_processes: int = Field(1, ge=1, le=64)
    """How many processes `undertone serve` answers pages with; one for each core is plenty."""
    keys_file: Path | None = None
    ledger_seals: Path | None = None
    """The file of seals (P25), in the home unless named here. Machines that share a database share the file too."""
    trusted_proxies: int = Field(0, ge=0)

    outbound_hosts: list[str] = []
    """`host:port` entries that may be reached although private or plain http (S17)."""

    launches_per_minute: int = Field(1200, ge=60)
    """Logins, and launches, that are let in from one address (S46); one person is held to less."""
    limits_storage: str = ""
    """The Redis in which web processes count together who asks too often; empty: each process for itself."""

    deep_linking: bool = True
    """Whether instructors may place links to this tool from their LMS's editor."""

    smallest_group: int = Field(5, ge=5, le=30)
    pull_seconds: int = Field(3600, gt=0)
    snapshot_seconds: int = Field(3600, gt=0)
    job_lease_seconds: float = Field(20, ge=1, le=3600)
    """How long a worker may be silent before its job is given to another; it tells four times as often."""
    retrain_at: str = Field(
        "02:30", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="must be from 00:00 to 23:59"
    )
    """When the night's run begins, HH:MM in UTC."""
    retrain_seconds: int = Field(1800, gt=0)
    """Time box of a retraining run."""
    retrain_least_corrections: int = Field(8, ge=1)
    quiet_hours: str = Field(
        "",
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?$",
        description="must be two times in UTC, such as 07:00-22:00",
    )
    """In these hours (UTC) no retraining starts on its own; empty: there are none."""
    retrain_on_request_only: bool = False
    starter_model: Path | None = None
    """A checkpoint directory to begin with instead of the model that comes with the project."""
    log_events: bool | None = None
    """Whether each event of the security log is also one line of JSON on standard error, for a collector (S49)."""
    help_contacts: str = ""
    locale: str = "en"

    @field_validator("base_url")
    @classmethod
    def _a_web_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            extra = parts.port == 0 or "@" in parts.netloc or parts.query or parts.fragment
        except ValueError:  # its words quote the value
            raise ValueError(A_WEB_ADDRESS) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or extra:
            raise ValueError(A_WEB_ADDRESS)
        return value.rstrip("/")

    @field_validator("limits_storage")
    @classmethod
    def _a_redis(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            known = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
        except ValueError:  # its words quote the value
            raise ValueError(A_REDIS) from None
        if value and (not known or parts.query or parts.fragment):
            raise ValueError(A_REDIS)
        return value

    @field_validator("locale")
    @classmethod
    def _a_known_language(cls, value: str) -> str:
        try:
            Locale.parse(value.replace("-", "_").split("_")[0])
        except (ValueError, UnknownLocaleError):
            raise ValueError("must be the code of a language, such as en or pt-BR") from None
        return value

    @property
    def database(self) -> str:
        """The database address; SQLite in `home` unless `DATABASE_URL` says otherwise."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'undertone.db'}"

    @property
    def tells_events(self) -> bool:
        """As set; else in production, where a collector ships them off the host."""
        return self.environment == "production" if self.log_events is None else self.log_events

    @property
    def weights_home(self) -> Path:
        return self.home / "weights"

    @property
    def keys_path(self) -> Path:
        return self.keys_file or self.home / "keys.json"

    @property
    def seals_path(self) -> Path:
        return self.ledger_seals or self.home / SEALS

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
        if self.limits_storage and find_spec("redis") is None:
            faults.append("UNDERTONE_LIMITS_STORAGE needs the driver that the extra scale installs")
        if faults:
            raise ConfigurationError("; ".join(faults))
        return self


def fault_words(error: ValidationError) -> str:
    """Each setting that cannot be understood and what it may be, without the value, which can be a secret."""
    faults = {}
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        faults[name if name.isupper() else f"UNDERTONE_{name.upper()}"] = _allowed(name) or fault[
            "msg"
        ].removeprefix("Value error, ").removeprefix("Input ")
    told = (f"{name} {words}" for name, words in sorted(faults.items()))
    return f"Not understood: {', '.join(sorted(faults))}. {'; '.join(told)}."


def _allowed(name: str) -> str:
    """What the setting may be, in words; nothing for one without bounds."""
    field = Settings.model_fields.get(name)
    if field is None or field.description:
        return field.description or "" if field else ""
    pairs = ((bound, sign) for bound in field.metadata for sign in BOUNDS if hasattr(bound, sign))
    said = [f"{BOUNDS[sign]} {getattr(bound, sign)}" for bound, sign in pairs]
    return f"must be {' and '.join(said)}" if said else ""
