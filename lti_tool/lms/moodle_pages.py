"""The discussions of a forum, over all pages, while people go on writing and deleting.

Pages are counted by place, so a discussion that goes away while we page moves the following ones forward, and one of
them is never shown. A missed discussion would be taken for a deleted one; so what needed several pages is listed again.
"""

from dataclasses import dataclass
from typing import Any

from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.moodle_calls import MoodleCalls

DISCUSSIONS_A_PAGE = 100
MOST_PAGES = 500
MOST_ROUNDS = 5
OLDEST_FIRST = 4
"""By creation: a discussion that is opened while we page comes last and shifts nothing. Pinned ones come first."""
NEWEST_POST_FIRST = 1
MOST_ANSWERS_FIRST = 5
LOOKED_AT = 10
"""Discussions that tell of the newest post: unless that many are pinned, the newest is among them."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """What a list tells of a discussion, without its text: a forum can have thousands of them."""

    id: str
    created: int
    """Unix seconds, as all times here."""
    moved: int
    """When it last got a post or its opening post was changed, as far as the list tells.

    An edited reply moves nothing here; a deleted last post moves it back.
    """
    replies: int
    of_group: bool
    pinned: bool


def page(calls: MoodleCalls, forum_id: str, order: int, size: int, number: int = 0) -> list[Discussion]:
    """One page of discussions, counted from 0."""
    asked: dict[str, str | int] = {
        "forumid": forum_id,
        "sortorder": order,
        "page": number,
        "perpage": size,
    }
    return [_discussion(row) for row in calls.call("mod_forum_get_forum_discussions", asked)["discussions"]]


def discussions(calls: MoodleCalls, forum_id: str, counted: int = 0) -> dict[str, Discussion]:
    """Every discussion by its id. `counted` is how many the forum's own row counts.

    Raises LmsUnavailableError when the pages have no end, repeat, or change faster than they can be read.
    """
    found = _listed(calls, forum_id, counted)
    for _ in range(MOST_ROUNDS):
        if len(found) < DISCUSSIONS_A_PAGE:
            return found
        newest = max(one.created for one in found.values())
        again = _listed(calls, forum_id, counted)
        missed = [key for key in again if key not in found and again[key].created <= newest]
        found |= again
        if not missed:
            return found
    raise unusable("A forum changed faster than it could be listed, so it was not read.")


def newest_rows(calls: MoodleCalls, forum_id: str) -> list[Discussion]:
    """The discussions of a forum that got a post last."""
    return page(calls, forum_id, NEWEST_POST_FIRST, LOOKED_AT)


def newest_post(rows: list[Discussion]) -> int | None:
    """When the newest post was written, by `newest_rows`, in Unix seconds; None when they do not tell."""
    if len(rows) == LOOKED_AT and all(row.pinned for row in rows):
        return None
    return max((row.moved for row in rows), default=None)


def _discussion(row: dict[str, Any]) -> Discussion:
    """`id` in a row is that of the first post."""
    created = int(row.get("created") or 0)
    return Discussion(
        id=str(int(row["discussion"])),
        created=created,
        moved=max(int(row["timemodified"]), int(row.get("modified") or 0), created),
        replies=int(row.get("numreplies") or 0),
        of_group=int(row.get("groupid") or 0) > 0,
        pinned=bool(row.get("pinned")),
    )


def _listed(calls: MoodleCalls, forum_id: str, counted: int) -> dict[str, Discussion]:
    found: dict[str, Discussion] = {}
    for number in range(MOST_PAGES):
        rows = page(calls, forum_id, OLDEST_FIRST, DISCUSSIONS_A_PAGE, number)
        fresh = {row.id: row for row in rows}
        if rows and fresh.keys() <= found.keys():
            raise unusable("A list of discussions repeated a page, so the forum was not read.")
        found |= fresh
        if not rows or (len(rows) < DISCUSSIONS_A_PAGE and len(found) >= counted):
            return found
    raise unusable("A forum had no end of pages, so it was not read.")


def unusable(words: str) -> LmsUnavailableError:
    """Answers came, and this forum's do not fit together: other activities have hope."""
    return LmsUnavailableError(words, code="lms_malformed")
