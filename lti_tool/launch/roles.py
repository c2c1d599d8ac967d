"""From the roles of a verified token to what a person may do: membership roles in this course only (S23)."""

from collections.abc import Sequence

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
TEACHING = frozenset({"Instructor"})
LEARNING = frozenset({"Learner"})
WATCHING = frozenset({"Mentor", "Observer"})


def role_of(roles: Sequence[str]) -> str:
    """`instructor`, `student` or `none`.

    Institution and system roles give nothing. A test user and an observer get `none` whatever else they are.
    Short forms ("Learner", LTI 1.3 core A.2.3) count as membership roles; both are compared letter by letter.
    A teaching assistant's sub-role (`membership/Instructor#TeachingAssistant`) counts only beside
    `membership#Instructor`, as in Canvas.
    """
    if TEST_USER in roles:
        return "none"
    names = {name for role in roles if (name := _membership(role))}
    if names & WATCHING:
        return "none"
    if names & TEACHING:
        return "instructor"
    return "student" if names & LEARNING else "none"


def _membership(role: str) -> str:
    """The name of a membership role in long or short form, else an empty string."""
    if role.startswith(MEMBERSHIP):
        return role.removeprefix(MEMBERSHIP)
    return "" if ":" in role or "#" in role or "/" in role else role
