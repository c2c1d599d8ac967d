"""The administrator's page "Translations": what students read in each language, and who has checked it (U48)."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from lti_tool.consent import translating, wording
from lti_tool.consent.tables import Wording
from lti_tool.errors import FieldError, NotFoundError
from lti_tool.launch import languages
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("translations", __name__, roles=("administrator",))
admin_page("translations.page", _l("Translations"), 18)

Answer = Response | tuple[str, int]


@dataclass(frozen=True)
class Line:
    """One language on the page."""

    code: str
    name: str
    confirmed: dict[str, Any] | None
    """Who has checked the present text, and when; None while nobody has."""


@bp.get("/translations")
def page() -> str:
    """The languages in which students can choose."""
    names, institution = languages.names(), _institution()
    lines = []
    for code in translating.whole_languages()[1:]:
        said = institution.confirmed_texts.get(code)
        present = said is not None and translating.is_confirmed(institution.confirmed_texts, _published(code))
        lines.append(Line(code, names.get(code, code), said if present else None))
    return render_template("consent/translations.html", lines=lines)


@bp.get("/translations/<language>")
def one(language: str) -> str:
    """The whole text in the language beside the English one, and the button that confirms it."""
    return _one(language, "")


@bp.post("/translations/<language>")
@takes("by", "wording")
def confirm(language: str) -> Answer:
    """Take the mark off that text for this institution."""
    with_words = request.form.get("wording", ""), request.form.get("by", "")
    try:
        translating.confirm(
            request_session(), now(), _institution(), language, *with_words, current().person_id
        )
    except FieldError as error:
        return _one(language, str(_(error.words))), int(error.status)
    return redirect(url_for("translations.page"), 303)


def _one(language: str, fault: str) -> str:
    if language not in translating.whole_languages()[1:]:
        raise NotFoundError
    values = {
        "course": _("this course"),
        "institution": current().institution_name,
        "group": str(wiring().settings.smallest_group),
    }
    text, english = _published(language), _published(wording.FIRST_LANGUAGE)
    return render_template(
        "consent/translation.html",
        code=language,
        name=languages.names()[language],
        direction=languages.available()[language.lower()].text_direction,
        translated=wording.filled(text.text, values),
        english=wording.filled(english.text, values),
        sha256=text.sha256,
        fault=fault,
        by=request.form.get("by", ""),
    )


def _published(language: str) -> Wording:
    with wiring().database.session() as session:
        published = translating.publish(session, now(), language)
        session.expunge(published)
    return published


def _institution() -> Institution:
    return request_session().get_one(Institution, current().institution_id)
