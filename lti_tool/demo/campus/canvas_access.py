"""Which tokens this Canvas takes, what they may read, and the bucket that slows them down.

For whoever issues tokens: `switches.access.admit(token, scopes=…, ends=clock() + 3600)` makes one good from now on,
`access.replace(token)` ends it as a refresh does, `access.revoke(token)` as a person does. Every call of the API goes
through `require_token` and `Access.turn`.
"""

import threading
from dataclasses import dataclass, field

FULL = 600.0
MOST = 800.0
LEAK = 10.0
"""Units that leak out in a second."""
UP_FRONT = 50.0
"""What a call holds while it is answered."""


@dataclass
class Token:
    """One access token: `ends` is on the switches' clock, None never."""

    scopes: frozenset[str] | None
    ends: float | None
    client: str
    state: str = "good"


@dataclass
class Bucket:
    """Leaky: a call is refused while it is full, holds 50 up front, and settles its real cost afterwards."""

    level: float = 0.0
    at: float = 0.0

    def take(self, now: float) -> bool:
        self.level = max(0.0, self.level - LEAK * max(0.0, now - self.at))
        self.at = now
        if self.level >= FULL:
            return False
        self.level = min(MOST, self.level + UP_FRONT)
        return True

    def settle(self, cost: float) -> None:
        self.level = max(0.0, self.level - UP_FRONT + cost)

    @property
    def remaining(self) -> float:
        return FULL - self.level


@dataclass
class Access:
    """Tokens and buckets of one campus."""

    tokens: dict[str, Token] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(
        self,
        token: str,
        *,
        scopes: frozenset[str] | None = None,
        ends: float | None = None,
        client: str = "api",
    ) -> None:
        """Take `token` from now on, until the clock of the switches shows `ends`; `scopes` None is all."""
        self.tokens[token] = Token(scopes, ends, client)

    def replace(self, token: str) -> None:
        """End a token as a refresh does, at once: "Invalid access token."."""
        self.tokens.pop(token, None)

    def revoke(self, token: str) -> None:
        """End a token as its owner does: "Revoked access token."."""
        if token in self.tokens:
            self.tokens[token].state = "revoked"

    def find(self, token: str, now: float) -> Token | None:
        """The token while it lasts, a revoked one too; None when it is unknown or its hour is over."""
        held = self.tokens.get(token)
        return None if held is None or (held.ends is not None and now >= held.ends) else held

    def take(self, key: str, now: float) -> bool:
        """Begin a call in the bucket `key`, or False while it is full."""
        with self._lock:
            return self.buckets.setdefault(key, Bucket(at=now)).take(now)

    def settle(self, key: str, cost: float) -> float:
        """End a call; what remains, as `X-Rate-Limit-Remaining` tells it."""
        with self._lock:
            self.buckets[key].settle(cost)
            return self.buckets[key].remaining
