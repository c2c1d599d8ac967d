"""Which form fields a page takes: a form with any other field is refused whole (S25).

A view names the fields that its page offers; one that names none takes the anti-forgery token alone:

    @bp.post("/texts/<post_id>/wrong")
    @takes("sentiment", "comment", many=("labels",))

Pages of a launch are checked by themselves (`launch.pages`); a form outside of one calls `check` first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import current_app, request

from lti_tool.errors import InvalidInputError
from lti_tool.launch import antiforgery

FORM = "application/x-www-form-urlencoded"
_DECLARED = "fields_of_its_form"

View = TypeVar("View", bound=Callable[..., object])


class UnknownFieldError(InvalidInputError):
    code = "unknown_field"
    words = "The form held a field that this page does not have. Nothing was saved."


class RepeatedFieldError(InvalidInputError):
    code = "repeated_field"
    words = "The form held the same field twice. Nothing was saved."


@dataclass(frozen=True)
class Fields:
    """What one form may hold."""

    single: frozenset[str]
    many: frozenset[str] = frozenset()
    """Several values each, such as boxes to tick."""


NONE = Fields(frozenset({antiforgery.FIELD}))


def takes(*single: str, many: Iterable[str] = ()) -> Callable[[View], View]:
    """Declare the fields of the form that a view reads, below its route. The token goes without saying."""
    fields = Fields(NONE.single | set(single), frozenset(many))

    def note(view: View) -> View:
        setattr(view, _DECLARED, fields)
        return view

    return note


def declared(view: Callable[..., object]) -> Fields:
    """The fields that the view takes."""
    return cast(Fields, getattr(view, _DECLARED, NONE))


def check() -> None:
    """Raise UnknownFieldError or RepeatedFieldError unless the body is a form of the view's fields (S25).

    A body that is no plain form, such as JSON or a file, is a field that no page has.
    """
    if request.mimetype != FORM:
        if request.files or request.form or request.get_data():
            raise UnknownFieldError
        return
    fields = declared(current_app.view_functions[request.endpoint or ""])
    for name, values in request.form.lists():
        if name not in fields.single | fields.many:
            raise UnknownFieldError
        if len(values) > 1 and name not in fields.many:
            raise RepeatedFieldError
