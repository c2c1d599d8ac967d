"""A platform's public keys: kept for an hour, fetched again at most once a minute (S9, S10)."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.outbound.client import Client

FRESH = timedelta(hours=1)
PAUSE = timedelta(minutes=1)
"""Between two fetches of one address, whether the last one worked or not."""

Jwk = dict[str, Any]


@dataclass(frozen=True)
class _Held:
    keys: tuple[Jwk, ...]
    fetched_at: datetime | None
    tried_at: datetime


class KeySets:
    """The key sets that this process has fetched, by address; one slow platform holds up no other."""

    def __init__(self, client: Client) -> None:
        self._client, self._held = client, dict[str, _Held]()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def key(self, now: datetime, url: str, kid: str) -> Jwk:
        """The key named `kid`; raises LaunchRefusedError `kid_unknown`, or `platform_keys` without any."""
        with self._locks[url]:
            held = self._refreshed(now, url, lambda keys: _named(keys, kid) is not None)
        found = _named(held.keys, kid)
        if found is not None:
            return found
        failing = held.fetched_at is None or held.tried_at > held.fetched_at
        raise LaunchRefusedError("platform_keys" if failing else "kid_unknown")

    def reachable(self, now: datetime, url: str) -> bool:
        """Whether a fetch of the key set works at this moment, for the connection check."""
        try:
            held = self._fetch(now, url, None)
        except UndertoneError:
            return False
        with self._locks[url]:
            self._held[url] = held
        return held.tried_at == held.fetched_at

    def _refreshed(self, now: datetime, url: str, serves: Callable[[tuple[Jwk, ...]], bool]) -> _Held:
        held = self._held.get(url)
        good = (
            held is not None
            and held.fetched_at is not None
            and now - held.fetched_at < FRESH
            and serves(held.keys)
        )
        paused = held is not None and now - held.tried_at < PAUSE
        if held is None or not (good or paused):
            held = self._held[url] = self._fetch(now, url, held)
        return held

    def _fetch(self, now: datetime, url: str, before: _Held | None) -> _Held:
        """Fetch, keeping the last good set when that fails."""
        try:
            answer = self._client.get(url, headers={"Accept": "application/json"})
            keys = answer.json()["keys"] if answer.status == 200 else None
        except (UndertoneError, KeyError, TypeError):
            keys = None
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            return _Held(before.keys if before else (), before.fetched_at if before else None, now)
        return _Held(tuple(keys), now, now)


def _named(keys: tuple[Jwk, ...], kid: str) -> Jwk | None:
    return next((key for key in keys if key.get("kid") == kid), None)
