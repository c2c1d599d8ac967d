"""What a campus is told when it starts; the orchestration and tests may change it while it runs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from lti_tool.demo.campus.canvas_switches import CanvasSwitches
from lti_tool.demo.campus.faults import Faults
from lti_tool.errors import ConfigurationError

WEEKS = 6
LEFT_OFF = (
    "moodle/course:viewhiddenactivities",
    "moodle/course:enrolreview",
    "mod/forum:readprivatereplies",
    "moodle/site:viewuseridentity",
    "moodle/course:managegroups",
)
"""Rights that a reading account should not have."""


@dataclass(frozen=True)
class ToolRegistration:
    """The tool as the campus's administrator entered it (LTI 1.3 core 3.1.3)."""

    client_id: str
    login_url: str
    launch_url: str
    keys_url: str
    redirect_urls: tuple[str, ...] = ()
    """Further registered redirect addresses; the launch address is always one."""

    def redirects(self) -> tuple[str, ...]:
        return (self.launch_url, *self.redirect_urls)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.launch_url)
        return f"{parts.scheme}://{parts.netloc}"


def utc_now() -> datetime:
    return datetime.now(UTC)


def six_weeks_before(now: datetime) -> datetime:
    """The Monday, 00:00 UTC, from which six whole weeks have passed at `now`."""
    monday = now - timedelta(days=now.weekday())
    return monday.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(weeks=WEEKS)


@dataclass
class CampusSettings:
    """Settings of one campus. `tool` may be set after the start, when the tool's port is known.

    `now` moves the course's content only: tokens and their expiry always follow the real clock.
    """

    tool: ToolRegistration | None = None
    base_url: str = "http://localhost:8701"
    """Also the issuer; without a trailing slash. `serve` fills in the port when asked for port 0."""
    environment: str = "demo"
    deployment_id: str = "1"
    service_token: str = field(default_factory=lambda: secrets.token_hex(16))
    """The token of the account that reads the Moodle web services."""
    moodle_without: set[str] = field(default_factory=lambda: set(LEFT_OFF))
    """Rights that this account lacks and functions that its service lacks, by Moodle's own names."""
    canvas_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """A token that always holds and is held to no scopes, unless the switches say otherwise."""
    canvas: CanvasSwitches = field(default_factory=CanvasSwitches)
    now: Callable[[], datetime] = utc_now
    start: datetime | None = None
    """Monday of week 1, 00:00 UTC; by default so long ago that every text lies in the past."""
    faults: Faults = field(default_factory=Faults)


def refuse_outside_demo(environment: str) -> None:
    """Raise ConfigurationError beside a production tool: anybody may log in as anybody here."""
    if environment not in ("demo", "test"):
        raise ConfigurationError("The sample campus runs beside a demonstration or a test only.")
