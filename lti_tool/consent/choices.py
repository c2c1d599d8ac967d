"""What can be chosen: four purposes and the box for earlier texts, and which of them need the first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from lti_tool.errors import InvalidInputError

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

    def value(self, field: Field) -> bool:
        return cast(bool, getattr(self, field))


DECLINED = Choices(answered=True)


def unmet_needs(choices: Choices) -> dict[Field, Problem]:
    """Each choice that needs A while A is not granted."""
    return {} if choices.a else {field: "needs_a" for field in NEED_A if choices.value(field)}
