"""Reading the choice form: every purpose needs an answer of its own (P11)."""

from collections.abc import Mapping

from lti_tool.consent.choices import Choices, ChoicesRefusedError, Field, Problem, unmet_needs

PURPOSES: tuple[Field, ...] = ("a", "b", "c", "d")
ANSWERS = {"yes": True, "no": False}


def read(form: Mapping[str, str]) -> Choices:
    """The choices of a filled form. Raises ChoicesRefusedError naming each field that stands in the way.

    A purpose without an explicit "yes" or "no" is missing; the box for earlier texts is ticked or not.
    """
    missing: dict[Field, Problem] = {name: "missing" for name in PURPOSES if form.get(name) not in ANSWERS}
    a, b, c, d = (ANSWERS.get(form.get(name, ""), False) for name in PURPOSES)
    chosen = Choices(answered=True, a=a, earlier=form.get("earlier") == "yes", b=b, c=c, d=d)
    unmet = {} if "a" in missing else unmet_needs(chosen)
    if missing or unmet:
        raise ChoicesRefusedError(missing | unmet)
    return chosen
