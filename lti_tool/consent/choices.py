"""What can be chosen: four purposes and the box for earlier texts, and which of them need the first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal, cast

from lti_tool.errors import InvalidInputError, NotAllowedError

Field = Literal["a", "earlier", "b", "c", "d"]
FIELDS: tuple[Field, ...] = ("a", "earlier", "b", "c", "d")
NEED_A: tuple[Field, ...] = ("earlier", "b", "c", "d")
LEDGER_NAME: dict[Field, str] = {"a": "A", "earlier": "A-earlier", "b": "B", "c": "C", "d": "D"}

Problem = Literal["missing", "needs_a"]


class ChoicesRefusedError(InvalidInputError):
    """The choices cannot be kept as they are; `problems` names each field and why. Nothing was written."""

    code = "choices_refused"

    def __init__(self, problems: Mapping[Field, Problem]) -> None:
        super().__init__()
        self.problems = dict(problems)


@dataclass(frozen=True)
class Choices:
    """What a person chose, or all False with `answered` False before they did."""

    answered: bool = False
    a: bool = False
    earlier: bool = False
    b: bool = False
    c: bool = False
    d: bool = False
    revision: int = field(default=0, compare=False)
    """How often they were changed: a form carries it, so that it can be told to be out of date."""

    def value(self, field: Field) -> bool:
        return cast(bool, getattr(self, field))


DECLINED = Choices(answered=True)


class ChoicesMovedError(NotAllowedError):
    """The form was drawn from choices that were changed since; `present` is what stands. Nothing was written."""

    code = "choices_moved"
    status = HTTPStatus.CONFLICT
    words = (
        "Nothing was changed: your choices were changed in another window after this one was opened. "
        "“My choices” shows what stands now."
    )

    def __init__(self, present: Choices) -> None:
        super().__init__()
        self.present = present


class NotShownError(NotAllowedError):
    """A Yes to something that this person was never shown: no agreement (P11, P24)."""

    code = "purpose_not_shown"
    words = "Nothing was saved: the page that explains this choice was not opened. Open it and choose there."


class NotTheirsError(NotAllowedError):
    """Choices for a course that is not the person's: a person belongs to one course (P19)."""

    code = "choices_of_another"
    words = "Nothing was saved: these are not your choices."


class CourseOverError(NotAllowedError):
    """A Yes in a course that has ended; a No is taken at any time (P19)."""

    code = "course_over"
    status = HTTPStatus.CONFLICT
    words = "Nothing was saved: this course is over, so this tool reads nothing in it any more."


def unmet_needs(choices: Choices) -> dict[Field, Problem]:
    """Each choice that needs A while A is not granted."""
    return {} if choices.a else {field: "needs_a" for field in NEED_A if choices.value(field)}
