"""Recorded answers of a Moodle 4.5 site in the contract suite: what stands in them is written here by hand."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lti_tool.demo.campus.faults import BODIES
from lti_tool.lms.moodle import MoodleConnector
from tests.lms.captured_lms import TOKEN, Served, moodle, moodle_connector, recorded, serving
from tests.lms.contract.face import Fault, Text

SECTIONS = {
    "Week 1 reflection forum": "Week 1: Expectations",
    "Group forum (separate groups)": "Week 2: Placement",
    "Q and A forum": "Week 3: Feedback",
    "Weekly reflection 1": "Week 1: Expectations",
}
UNREADABLE = {"Weekly reflection 2 (blind marking)": "blind", "Group reflection": "team"}
FORBIDDEN = ("hidden", "PRIVATE", "Draft only", "Blind reflection", "reflected together")


@dataclass
class CapturedFace:
    """A `Face` over HTTP, since that is how the recordings are served elsewhere."""

    site: Served
    name: str = "captured moodle"
    secret: str = TOKEN
    course_id: str = "2"
    forbidden: Collection[str] = FORBIDDEN

    def __post_init__(self) -> None:
        self.root = self.site.url
        self.sections, self.unreadable = dict(SECTIONS), dict(UNREADABLE)

    def connector(self, secret: str | None = None) -> MoodleConnector:
        return moodle_connector(self.site, secret or self.secret)

    def standing(self) -> set[Text]:
        """Straight from the recordings, by other code than the tool's."""
        found = {
            ("forum", str(post["author"]["id"]), post["message"])
            for post in recorded("moodle", "mod_forum_get_discussion_posts")["response"]["posts"]
        }
        for name in ("", "_groups"):
            rows = recorded("moodle", f"mod_forum_get_forum_discussions{name}")["response"]["discussions"]
            found |= {("forum", str(row["userid"]), row["message"]) for row in rows}
        (task,) = recorded("moodle", "mod_assign_get_submissions")["response"]["assignments"]
        return found | {
            ("reflection", str(row["userid"]), row["plugins"][0]["editorfields"][0]["text"])
            for row in task["submissions"]
            if row["status"] == "submitted"
        }

    def also(self) -> set[Text]:
        """The forum whose discussion was not recorded is filled in by the server."""
        return {("forum", "3", "<p>Q</p>")}

    def fail(self, fault: Fault, after: int = 0, count: int = 99) -> None:
        first = self.site.calls.total() + after + 1

        def reply(name: str, number: int) -> tuple[int, dict[str, str], bytes] | None:
            return _reply(fault) if first <= self.site.calls.total() < first + count else None

        self.site.fail = reply

    def calls(self) -> int:
        return self.site.calls.total()

    def addresses(self) -> str:
        return " ".join(self.site.paths)


def _reply(fault: Fault) -> tuple[int, dict[str, str], bytes]:
    if fault == "refused":
        return 200, {}, json.dumps(recorded("moodle", "error_invalid_token")["response"]).encode()
    if fault in ("half", "reset"):
        return 200, {"Content-Length": "999"}, b'{"posts": [{"id": 1, "sub' if fault == "half" else b""
    status, kind, body = BODIES[fault]  # type: ignore[index]
    return status, {"Content-Type": kind}, body.encode()


@contextmanager
def captured_face() -> Iterator[CapturedFace]:
    """The face, served on a free port."""
    with serving(moodle()) as site:
        (row, *_) = recorded("moodle", "mod_forum_get_forum_discussions_hidden_forum")["response"][
            "discussions"
        ]
        site.question = {**row, "id": 99, "discussion": 99, "message": "<p>Q</p>", "subject": "Q"}
        yield CapturedFace(site)
