"""Hours of the day in which no retraining starts on its own, so that it takes nothing from people at work."""

import re
from datetime import datetime, time, timedelta

from lti_tool.errors import ConfigurationError
from lti_tool.settings import Settings

FORM = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


def of(settings: Settings) -> str:
    """The hours as they are set, such as "07:00-22:00"; empty for none."""
    return settings.quiet_hours


def hours(setting: str) -> tuple[time, time] | None:
    """From when to when, UTC; None for an empty setting. They may go over midnight.

    Raises ConfigurationError for anything but HH:MM-HH:MM, and for hours that take all day.
    """
    if not setting:
        return None
    found = FORM.fullmatch(setting)
    first, last = setting.split("-") if found else ("", "")
    if first == last:
        raise ConfigurationError("UNDERTONE_QUIET_HOURS must be two times in UTC, such as 07:00-22:00.")
    return time.fromisoformat(first), time.fromisoformat(last)


def end_of(setting: str, at: datetime) -> datetime | None:
    """When the quiet hours that `at` lies in are over; None outside of them."""
    quiet = hours(setting)
    if quiet is None or not _within(quiet, at.time()):
        return None
    end = at.replace(hour=quiet[1].hour, minute=quiet[1].minute, second=0, microsecond=0)
    return end if end > at else end + timedelta(days=1)


def start_after(setting: str, at: str) -> str:
    """The time "HH:MM", or when it lies in the quiet hours their end."""
    quiet = hours(setting)
    if quiet is None or not _within(quiet, time.fromisoformat(at)):
        return at
    return f"{quiet[1]:%H:%M}"


def _within(quiet: tuple[time, time], at: time) -> bool:
    first, last = quiet
    return first <= at < last if first < last else at >= first or at < last
