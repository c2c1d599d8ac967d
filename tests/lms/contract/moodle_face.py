"""The campus's Moodle face in the contract suite."""

from collections.abc import Iterator
from contextlib import contextmanager

from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from tests.lms.contract.face import CampusFace


class MoodleFace(CampusFace):
    """Moodle as the campus plays it, with every kind of activity that is not read beside those that are."""

    def connector(self, secret: str | None = None) -> MoodleConnector:
        return MoodleConnector(MoodleCalls(self.client, self.root, secret or self.secret))  # type: ignore[arg-type]


@contextmanager
def moodle_face() -> Iterator[MoodleFace]:
    """The face, with its own campus."""
    face = MoodleFace("moodle", quick_sees_edits=False)
    campus = face.campus
    campus.add_other("workshop", "Peer review")
    campus.add_other("data", "Word list")
    blind = campus.add_assignment("Blind reflection", blind=True)
    campus.submit("will", blind.id, "<p>HIDDEN from graders</p>")
    team = campus.add_assignment("Group reflection", team=True)
    campus.submit_as_group(["will", "yusuf"], team.id, "<p>HIDDEN in a group</p>", "A")
    hidden = campus.add_assignment("Hidden reflection", visible=False)
    campus.submit("will", hidden.id, "<p>HIDDEN by staff</p>")
    face.unreadable = {
        "Peer review": "other_kind",
        "Word list": "other_kind",
        "Blind reflection": "blind",
        "Group reflection": "team",
    }
    yield face
    campus.settings.faults.clear()
