"""When the cached tree of each topic was built: a job of Canvas's makes it, and again some time after a change."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Trees:
    """Moments of building, by topic id."""

    built: dict[int, datetime] = field(default_factory=dict)
    reads: Counter[int] = field(default_factory=Counter)
    """Reads of a topic that has no tree yet, or an old one."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def moment(
        self, topic_id: int, now: datetime, changed: datetime, building: int, stale_reads: int
    ) -> datetime | None:
        """As of when a read shows the tree; None while it is built for the first time.

        `building` and `stale_reads` say how many reads that and a rebuilding last; `changed` is when the topic did.
        """
        with self._lock:
            built = self.built.get(topic_id)
            if built is not None and changed <= built:
                return now
            self.reads[topic_id] += 1
            if self.reads[topic_id] <= (building if built is None else stale_reads):
                return built
            self.built[topic_id], self.reads[topic_id] = now, 0
            return now
