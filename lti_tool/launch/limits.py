"""How often one person, and one address, may ask in a while (S46). A decorator below the route marks the view:

    @bp.post("/launch")
    @launches_limited

A lecture hall opens the tool in the same minute from one address. So logins and launches are counted by person at an
address; by address alone only up to a ceiling that no hall reaches (`UNDERTONE_LAUNCHES_PER_MINUTE`).
`launch.counting` counts the marked views of an application.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lti_tool.launch import logins, pages
from lti_tool.storage.request import wiring

_DECLARED = "limits_of_its_requests"
OPENINGS = _l("This tool was opened too often in a short time.")
CORRECTIONS = _l("There were too many corrections in a short time.")
EXPORTS = _l("There were too many downloads in a short time.")
TRIES = _l("This page was used too often in a short time.")

Key = tuple[str, ...]
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Limit:
    """So many requests of one key; `allowed` says it as "60 per minute"."""

    name: str
    """Stable: it is part of what is counted, and the code in the log."""
    allowed: str | Callable[[], str]
    key: Callable[[], Key]
    """What is counted by, in plain: only its digest is kept."""
    words: LazyString
    """What there was too much of, as one sentence."""


def declared(view: Callable[..., object]) -> tuple[Limit, ...]:
    """The limits that the view is marked with, in the order in which they are counted."""
    return cast("tuple[Limit, ...]", getattr(view, _DECLARED, ()))


def _limited(*limits: Limit) -> Callable[[View], View]:
    def note(view: View) -> View:
        setattr(view, _DECLARED, limits)
        return view

    return note


def address() -> str:
    """Of the client, as the trusted proxies tell it. The /64 of an IPv6 address is one place, as an IPv4 address is."""
    told = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return told
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))


def _by_address() -> Key:
    return (address(),)


def _by_login() -> Key:
    """Who wants to log in: names that the platform gave, believed for counting only."""
    given = request.form if request.method == "POST" else request.args
    return address(), given.get("iss", ""), given.get("login_hint", "")


def _by_browser() -> Key:
    return address(), request.cookies.get(logins.COOKIE, "")


def _by_invite() -> Key:
    """The page and the secret given to it: a neighbour's wrong ones do not shut out the one that is good."""
    given = request.form if request.method == "POST" else request.args
    return address(), request.endpoint or "", given.get("invite", ""), given.get("secret", "")


def _by_person() -> Key:
    return (pages.current().person_id,)


def _ceiling() -> str:
    return f"{wiring().settings.launches_per_minute} per minute"


# The person is counted first: what is refused there does not count against the others at the address.
logins_limited = _limited(
    Limit("logins", "60 per minute", _by_login, OPENINGS),
    Limit("logins_of_address", _ceiling, _by_address, OPENINGS),
)
"""The first request of a login."""
returns_limited = _limited(Limit("returns_of_address", _ceiling, _by_address, OPENINGS))
"""The second request of a login, which comes from our own page."""
launches_limited = _limited(
    Limit("launches", "30 per minute", _by_browser, OPENINGS),
    Limit("launches_of_address", _ceiling, _by_address, OPENINGS),
)
corrections_limited = _limited(Limit("corrections", "300 per day", _by_person, CORRECTIONS))
texts_limited = _limited(Limit("texts", "60 per minute", _by_person, TRIES))
"""A text that is being written saves itself every few seconds, in more than one window maybe."""
exports_limited = _limited(Limit("exports", "5 per hour", _by_person, EXPORTS))
registrations_limited = _limited(
    Limit("registrations", "5 per hour", _by_invite, TRIES),
    Limit("registrations_of_address", "60 per minute", _by_address, TRIES),
)
"""Pages that an invite opens, before anybody has signed in. No number of guesses finds a secret of 138 bits."""
authorisations_limited = _limited(Limit("authorisations_of_address", "60 per minute", _by_address, TRIES))
"""The window in which an administrator authorises a reading account: it has no session of its own."""
