"""Dates as people mean them: a time on the clock of a named zone.

LTI tells no time zone of a course, so the instructor names one (their browser's is offered), and everybody is shown
the same clock with its name. A time that a clock change makes ambiguous or skips is read in students' favour.
"""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_time
from flask_babel import get_locale

AREAS = frozenset("Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split())
NEUTRAL = "UTC"


@cache
def names() -> tuple[str, ...]:
    """Zones to choose from: UTC, then those named after a place."""
    places = (name for name in available_timezones() if name.partition("/")[0] in AREAS and "/" in name)
    return NEUTRAL, *sorted(places)


def moment(typed: str, zone: str, *, late: bool) -> datetime:
    """`2026-11-30T23:59` on the clock of `zone`, in UTC; of two readings the later one if `late`.

    Raises ValueError when it is no date and time without an offset, or the zone is not among `names()`.
    """
    clock = datetime.fromisoformat(typed)
    if clock.tzinfo is not None or zone not in names() or "T" not in typed.replace(" ", "T"):
        raise ValueError("not a time on a known clock")
    readings = [clock.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(readings) if late else min(readings)


def typed(at: datetime | None, zone: str) -> str:
    """The moment as a form's field holds it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if at else ""


def told(at: datetime, zone: str) -> str:
    """The moment as people read it, with the name of its clock."""
    clock, locale = at.astimezone(ZoneInfo(zone)), get_locale()
    day, time = format_date(clock, "full", locale=locale), format_time(clock, "short", locale=locale)
    return f"{day}, {time} ({zone.replace('_', ' ')})"
