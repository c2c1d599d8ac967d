"""Where one process keeps its counts of requests: a dictionary that is swept once a minute.

The limiter's own storage in memory looks through all keys in a thread of its own for each counted request, which took
a fifth of the time of a launch.
"""

import threading
import time

from limits.storage import Storage

SWEEP_SECONDS = 60


class Counts(Storage):
    """A storage of the library `limits` under the address `counts://`."""

    STORAGE_SCHEME = ("counts",)  # type: ignore[assignment]  # any iterable of names will do

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self.kept = dict[str, tuple[int, float]]()
        """By key: how many, and when that ends in seconds since 1970."""
        self._swept = time.time()
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a key, whose window begins with its first request; return how many there are."""
        now = time.time()
        with self._lock:
            self._sweep(now)
            count, ends = self.kept.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self.kept[key] = count + amount, ends
            return count + amount

    def get(self, key: str) -> int:
        count, ends = self.kept.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the key's window ends, in seconds since 1970; now for one that has none."""
        return max(self.kept.get(key, (0, 0.0))[1], time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self.kept)
            self.kept.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self.kept.pop(key, None)

    def _sweep(self, now: float) -> None:
        """Forget what has ended, so that a flood of different keys is gone after a minute or two."""
        if now - self._swept < SWEEP_SECONDS:
            return
        self._swept = now
        self.kept = {key: held for key, held in self.kept.items() if held[1] > now}
