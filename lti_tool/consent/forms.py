"""Reading the choice form: a Yes needs an answer of its own to every purpose (P11); no Yes at all is fine (U9)."""

from collections.abc import Mapping

from lti_tool.consent.choices import FIELDS, Choices, ChoicesRefusedError, Field, Problem, unmet_needs

PURPOSES: tuple[Field, ...] = ("a", "b", "c", "d")
ANSWERS = {"yes": True, "no": False}


def read(form: Mapping[str, str]) -> Choices:
    """The choices of a filled form. Raises ChoicesRefusedError naming each field that stands in the way.

    Where nothing is Yes, what was left open is kept as No. The box for earlier texts is ticked or not.
    """
    a, b, c, d = (ANSWERS.get(form.get(name, ""), False) for name in PURPOSES)
    chosen = Choices(answered=True, a=a, earlier=form.get("earlier") == "yes", b=b, c=c, d=d)
    problems = _missing(form, chosen)
    if "a" not in problems:
        problems |= unmet_needs(chosen)
    if problems:
        raise ChoicesRefusedError(problems)
    return chosen


def _missing(form: Mapping[str, str], chosen: Choices) -> dict[Field, Problem]:
    """Purposes without an explicit answer, as far as one is needed: not without a Yes, nor after a No to A."""
    if form.get("a") == "no" or not any(chosen.value(field) for field in FIELDS):
        return {}
    return {name: "missing" for name in PURPOSES if form.get(name) not in ANSWERS}
