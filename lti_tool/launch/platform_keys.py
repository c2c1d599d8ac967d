"""A platform's public keys: kept for an hour at most, fetched at most once a minute (S9, S10)."""

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.outbound.client import Client

FRESH = timedelta(hours=1)
"""No key is used later than this after it was fetched, so one that was withdrawn is refused by then (S10)."""
EARLY = timedelta(minutes=45)
"""From this age on a set is fetched anew, so that a short outage of the platform passes unnoticed."""
PAUSE = timedelta(minutes=1)
"""Between two fetches of one address, whether the last one worked or not."""

Jwk = dict[str, Any]


@dataclass(frozen=True)
class _Held:
    keys: tuple[Jwk, ...]
    fetched_at: datetime | None
    tried_at: datetime

    def age(self, now: datetime) -> timedelta:
        return now - self.fetched_at if self.fetched_at else timedelta.max

    def named(self, now: datetime, kid: str) -> Jwk | None:
        """A key that may still be used."""
        usable = self.keys if self.age(now) < FRESH else ()
        return next((key for key in usable if key.get("kid") == kid), None)

    @property
    def failing(self) -> bool:
        """Whether the last fetch gave nothing."""
        return self.fetched_at is None or self.tried_at > self.fetched_at


class KeySets:
    """The key sets that this process has fetched, by address; one slow platform holds up no other.

    Of one platform, one thread at a time fetches. Others with a usable key go on without waiting; those that
    lack one wait for that fetch, which the client's time limit ends, and do not start another.
    """

    def __init__(self, client: Client) -> None:
        self._client, self._held = client, dict[str, _Held]()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def key(self, now: datetime, url: str, kid: str) -> Jwk:
        """The key named `kid`; raises LaunchRefusedError `kid_unknown`, or `platform_keys` without any."""
        held = self._held.get(url)
        found = held.named(now, kid) if held else None
        if held is None or found is None or held.age(now) >= EARLY:
            held = self._refreshed(now, url, kid, waits=found is None) or held
            found = held.named(now, kid) if held else None
        if found is not None:
            return found
        raise LaunchRefusedError("platform_keys" if held is None or held.failing else "kid_unknown")

    def reachable(self, now: datetime, url: str) -> bool:
        """Whether a fetch of the key set works at this moment, for the connection check."""
        with self._locks[url]:
            return not self._fetch(now, url).failing

    def _refreshed(self, now: datetime, url: str, kid: str, *, waits: bool) -> _Held | None:
        """What is held after a fetch, if one is due; None when another thread is fetching and we do not wait."""
        lock = self._locks[url]
        if not lock.acquire(blocking=waits):
            return None
        try:
            held = self._held.get(url)
            if held is not None and (now - held.tried_at < PAUSE or _serves(held, now, kid)):
                return held
            return self._fetch(now, url)
        finally:
            lock.release()

    def _fetch(self, now: datetime, url: str) -> _Held:
        """Fetch, keeping the last good set when that fails; the caller holds the lock."""
        before = self._held.get(url)
        try:
            answer = self._client.get(url, headers={"Accept": "application/json"})
            keys = _keys(answer.json()) if answer.status == 200 else None
        except UndertoneError:
            keys = None
        if keys is not None:
            held = _Held(keys, now, now)
        else:
            held = _Held(before.keys if before else (), before.fetched_at if before else None, now)
        self._held[url] = held
        return held


def _serves(held: _Held, now: datetime, kid: str) -> bool:
    return held.age(now) < EARLY and held.named(now, kid) is not None


def _keys(body: Any) -> tuple[Jwk, ...] | None:
    """The keys of a set (RFC 7517, 5), or None. Only texts are kept: what we read of a key is nothing else."""
    keys = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        return None
    return tuple(
        {name: value if isinstance(value, str) else None for name, value in key.items()} for key in keys
    )
