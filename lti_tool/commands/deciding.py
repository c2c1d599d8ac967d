"""The options by which a decision on the mode is stated (P2)."""

from collections.abc import Callable
from typing import Any

import click

from lti_tool.launch.ages import POLICIES
from lti_tool.launch.institutions import MODES, Decision

OPTIONS = (
    click.option("--mode", type=click.Choice(MODES), help="What instructors may see."),
    click.option("--approved-by", help="Who decided on the mode."),
    click.option("--reason", help="Why it was decided so."),
    click.option("--office", help="The office of who decided; needed for individual."),
    click.option("--assessment", help="Data protection impact assessment; needed for individual."),
    click.option("--memo", help="Memo on the AI Act; needed for individual."),
    click.option(
        "--ages",
        type=click.Choice(POLICIES),
        help="Whether everybody in the courses is an adult; until that is said, no student is asked.",
    ),
)
NAMES = ("mode", "approved_by", "reason", "office", "assessment", "memo", "ages")


def decision_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options in the order in which help lists them."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def decision_of(given: dict[str, Any]) -> Decision | None:
    """Take the options out of `given`; None when none of them was used."""
    said = {name: given.pop(name) for name in NAMES}
    if all(value is None for value in said.values()):
        return None
    said["approver"] = said.pop("approved_by")
    return Decision(**{name: value or "" for name, value in said.items()})
