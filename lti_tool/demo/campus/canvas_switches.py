"""Ways in which one Canvas differs from another; a test in the same process sets them, no address reaches them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lti_tool.demo.campus.canvas_access import Access
from lti_tool.demo.campus.canvas_trees import Trees

TopicKind = Literal[
    "full_anonymity",
    "partial_anonymity",
    "initial_post",
    "initial_post_unsaid",
    "sections",
    "announcement",
    "unpublished",
]
"""`initial_post_unsaid`: the list says that posts can be seen, and the reading is refused all the same."""


@dataclass
class CanvasSwitches:
    """How this Canvas behaves, mutable while the campus runs. The default is a hosted one with an unscoped key."""

    permission: Literal["403", "401"] = "403"
    """The form of "no permission": the present one, or that of older sites, 401 without a header."""
    forbidden: frozenset[str] = frozenset()
    """Names of calls that the account has no permission for, such as `view`."""
    throttle: Literal["429", "403"] = "429"
    retry_after: int | None = None
    """Seconds to tell with a 429; None tells nothing."""
    call_cost: float = 0.1
    """What a call takes from the bucket once it is answered, in Canvas's units."""
    bucket_per: Literal["token", "client"] = "token"
    scopes: frozenset[str] | None = None
    """Scopes of the key; None is a key that is held to none."""
    allow_includes: bool = True
    """Off empties `include[]` of a scoped key, silently."""
    key_on: bool = True
    """Off: an administrator switched the developer key off in the account."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, for buckets and the life of tokens."""
    building: int = 0
    """How many reads of a topic's tree that was never built are answered by 503."""
    stale_reads: int = 0
    """How many reads are given the old tree after something changed."""
    trees: Trees = field(default_factory=Trees)
    topics: dict[int, TopicKind] = field(default_factory=dict)
    """What is special of a topic, by forum id. A forum with separate groups is a group discussion without more."""
    uploads: set[int] = field(default_factory=set)
    """People whose last attempts are files, by LMS id."""
    scores: dict[str, str] = field(default_factory=dict)
    """What submissions carry as `score`, `grade`, `entered_score`, `entered_grade`."""
    paging: Literal["bookmarks", "numbers"] = "bookmarks"
    last_link: bool = False
    link_header: str = "Link"
    page_shape: Literal["full", "short", "empty_middle"] = "full"
    """As when Canvas filters after paging: pages of fewer rows than asked for, or an empty one in between."""
    longest_page: int = 100
    next_host: str = ""
    """Scheme and host to which the next page's address leads; empty is this one."""
    far_ids: bool = False
    """Ids of 17 digits, as of records that live on another shard."""
    user_agent_required: bool = True
    access: Access = field(default_factory=Access)
    """Tokens that were issued, and how much of the rate limit each has used."""
