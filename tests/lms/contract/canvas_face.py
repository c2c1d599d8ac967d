"""The campus's Canvas face in the contract suite, with every kind of topic and assignment of Canvas's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lti_tool.demo.campus.canvas_answers import FAR
from lti_tool.demo.campus.canvas_switches import CanvasSwitches, TopicKind
from lti_tool.demo.campus.records import Post
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.throttling import Pace
from tests.lms.contract.face import CampusFace, Text

NOT_READ: tuple[TopicKind, ...] = (
    "full_anonymity",
    "partial_anonymity",
    "initial_post",
    "announcement",
    "unpublished",
)


@dataclass
class Seconds:
    """A clock that only sleeping moves; it keeps what was slept."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class CanvasFace(CampusFace):
    """Canvas as the campus plays it. Replies outlive what they answer, and edits show in no list."""

    seconds: Seconds = field(default_factory=Seconds)

    @property
    def switches(self) -> CanvasSwitches:
        return self.campus.settings.canvas

    def connector(self, secret: str | None = None) -> CanvasConnector:
        pace = Pace(self.seconds, self.seconds.sleep)
        calls = CanvasCalls(self.client, self.root, secret or self.secret, pace=pace)  # type: ignore[arg-type]
        return CanvasConnector(calls)

    def standing(self) -> set[Text]:
        texts = {("forum", self._id(post.author), post.current(self.clock()).html) for post in self._posts()}
        return {text for text in texts if "PLUGINFILE" not in text[2]} | {
            ("reflection", self._id(row.author), row.versions[-1].html)
            for task in self.campus.assignments()
            for row in self.campus.submissions(task)
            if row.status == "submitted" and row.author and not task.blind and not task.team
        }

    def also(self) -> set[Text]:
        """A topic's own message is its author's."""
        return {("forum", self._id("instructor"), "<p>Questions and answers, one topic for all.</p>")}

    def _posts(self) -> Iterator[Post]:
        """Entries that stand, below deleted ones too."""
        now = self.clock()
        for forum in self.campus.forums():
            if self.switches.topics.get(forum.id) not in NOT_READ:
                for discussion in forum.discussions:
                    for post in discussion.posts:
                        gone = post.deleted_at is not None and post.deleted_at <= now
                        if post.created <= now and not post.private and not gone:
                            yield post

    def _id(self, key: str) -> str:
        return str(self.campus.user_id(key) + (FAR if self.switches.far_ids else 0))


@contextmanager
def canvas_face(switch: Callable[[CanvasSwitches], None] | None = None) -> Iterator[CanvasFace]:
    """The face, with its own campus, and with what `switch` sets."""
    face = CanvasFace("canvas", quick_sees_edits=False, replies_outlive=True)
    face.switches.clock = face.seconds
    _topics(face)
    _tasks(face)
    if switch is not None:
        switch(face.switches)
    if face.switches.far_ids:
        face.course_id = str(FAR + int(face.course_id))
    yield face
    face.campus.settings.faults.clear()


def _topics(face: CanvasFace) -> None:
    campus = face.campus
    for kind in (*NOT_READ, "sections"):
        forum = campus.add_forum(f"Topic: {kind}")
        campus.open_discussion(
            "will", forum.id, "A thread", f"<p>HIDDEN by {kind}</p>" * (kind != "sections") or "<p>Of us.</p>"
        )
        face.switches.topics[forum.id] = kind  # type: ignore[assignment]
    groups = campus.add_forum("Group case study", separate_groups=True)
    for group, key in (("A", "will"), ("B", "yusuf"), (None, "will")):
        campus.open_discussion(key, groups.id, "Ours", f"<p>Of {group}.</p>", group=group)
    for name in ("Topic: sections", groups.name):
        face.sections[name] = campus.content.weeks[0]
    anonymous = {f"Topic: {kind}": "anonymous" for kind in ("full_anonymity", "partial_anonymity")}
    face.unreadable |= {**anonymous, "Topic: initial_post": "initial_post"}


def _tasks(face: CanvasFace) -> None:
    campus = face.campus
    blind = campus.add_assignment("Blind reflection", blind=True)
    team = campus.add_assignment("Group reflection", team=True)
    hidden = campus.add_assignment("Unpublished reflection", visible=False)
    for task in (blind, team, hidden):
        campus.submit("will", task.id, f"<p>HIDDEN {task.name}</p>")
    face.unreadable |= {"Blind reflection": "blind", "Group reflection": "team"}
