"""Politeness towards Canvas: few calls at once, and pauses before a token's budget is spent.

Canvas counts by token, in a bucket that fills with each call and leaks all the time. Each call holds a part of it up
front, so a few calls at once trip it long before their real cost would.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakValueDictionary

AT_ONCE = 3
ENOUGH = 150.0
"""Units that should be left before a call: what `AT_ONCE` calls hold up front."""
LEAK = 10.0
"""Units that come back in a second, by Canvas's own defaults."""
LONGEST_PAUSE = 20.0


class Pace:
    """How fast one token may be used. Holds within this process; web and worker each have their own."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._now, self.sleep = now, sleep
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._remaining, self._heard_at = ENOUGH, 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of the `AT_ONCE` places, after the pause that the budget asks for."""
        with self._turns:
            pause = self.pause()
            if pause > 0:
                self.sleep(pause)
            yield

    def heard(self, headers: Mapping[str, str]) -> None:
        """Note what an answer says of the budget; nonsense is no news."""
        try:
            told = float(headers.get("X-Rate-Limit-Remaining", ""))
        except ValueError:
            return
        if told == told:  # not NaN
            self._remaining, self._heard_at = told, self._now()

    def pause(self) -> float:
        """Seconds until enough has leaked away since the last answer, at most `LONGEST_PAUSE`."""
        back = LEAK * (self._now() - self._heard_at)
        return min(LONGEST_PAUSE, max(0.0, (ENOUGH - self._remaining - back) / LEAK))


_paces: WeakValueDictionary[bytes, Pace] = WeakValueDictionary()
_lock = threading.Lock()


def pace_of(token: str) -> Pace:
    """The pace that every reader of this token in this process shares; the token itself is not kept here."""
    key = hashlib.sha256(token.encode()).digest()
    with _lock:
        pace = _paces.get(key)
        if pace is None:
            pace = _paces[key] = Pace()
        return pace
