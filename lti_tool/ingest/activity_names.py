"""What an activity is called on our pages. Where students open discussions, a title is their own text (P1)."""

from lti_tool.launch.roles import role_of
from lti_tool.launch.roster import Roster
from lti_tool.lms.protocol import ActivityFacts

NEUTRAL = "Discussion"
"""In place of a title that no member of staff wrote. If its author agreed, it stands on the opening post, cleaned."""


def name_of(facts: ActivityFacts, roster: Roster) -> str:
    """The name that may be kept in clear: what only staff can name, or what a teacher on the roster opened."""
    if facts.author_id is None or facts.author_id in teachers(roster):
        return facts.name
    return NEUTRAL


def teachers(roster: Roster) -> frozenset[str]:
    """LMS user ids of those who teach. Observers and people of whom no role is known are none."""
    return frozenset(
        one.lms_user_id for one in roster.members if not one.student and role_of(one.roles) == "instructor"
    )
