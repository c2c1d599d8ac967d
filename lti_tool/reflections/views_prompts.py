"""The instructor's page of a link: the prompt, its dates, and about how many have written; never who."""

from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.reflections import forms, service, zones
from lti_tool.reflections.errors import PromptError
from lti_tool.reflections.tables import Reflection
from lti_tool.storage.request import now, request_session

bp = launch_blueprint("prompts", __name__, roles=("instructor",))
FIELDS = ("title", "prompt", "otherwise", "words", "opens", "closes", "zone")


@bp.get("/prompt")
def opened() -> str:
    """The activity of the link that was opened, or the form to set it."""
    found = _found()
    return _page(found, _filled(found), saved="saved" in request.args)


@bp.post("/prompt")
@takes(*FIELDS)
def keep() -> Response:
    """Set the activity or change it; what students wrote stays."""
    session, launch, key = request_session(), current(), _key()
    try:
        wanted = forms.read(request.form, now())
    except PromptError as error:
        return make_response(_page(_found(), request.form, problems=_problems(error)), int(error.status))
    row = service.set_prompt(session, launch.course_id, key, wanted)
    audit.record(
        session,
        now(),
        "reflection_set",
        institution_id=launch.institution_id,
        course_id=launch.course_id,
        actor_id=launch.person_id,
        facts={"reflection": row.id},
    )
    return redirect(url_for("prompts.opened", saved=1), 303)


def _key() -> str:
    """Of the link; only a launch through a link of an activity has such a page."""
    if not current().link_key:
        raise NotFoundError
    return current().link_key


def _found() -> Reflection | None:
    return service.of_link(request_session(), current().course_id, _key())


def _filled(found: Reflection | None) -> dict[str, str]:
    """What stands in the form at first."""
    if found is None:
        return {
            "title": current().link_title,
            "zone": service.last_zone(request_session(), current().course_id),
            "otherwise": _(
                "Write your answer on paper or in a file of your own. It is yours to keep; nobody collects it."
            ),
        }
    return {
        "title": found.title,
        "prompt": found.prompt,
        "otherwise": found.otherwise,
        "words": str(found.suggested_words or ""),
        "opens": zones.typed(found.opens_at, found.zone),
        "closes": zones.typed(found.closes_at, found.zone),
        "zone": found.zone,
    }


def _page(
    found: Reflection | None,
    given: Mapping[str, str],
    *,
    saved: bool = False,
    problems: Mapping[str, str] | None = None,
) -> str:
    values: dict[str, Any] = {"reflection": found, "given": given, "problems": problems or {}}
    return render_template(
        "reflections/prompt.html",
        **values,
        tab="",
        saved=saved,
        zones=zones.names(),
        state=service.state(found, now()) if found else "",
        limits=forms,
    )


def _problems(error: PromptError) -> dict[str, str]:
    words: dict[str, str] = {
        "title": _("Give it a title of at most %(most)s characters.", most=forms.LONGEST_TITLE),
        "prompt": _("Write a question of at most %(most)s characters.", most=forms.LONGEST_PROMPT),
        "otherwise": _(
            "Say in at most %(most)s characters how to take part without writing here.",
            most=forms.LONGEST_OTHERWISE,
        ),
        "words": _("Give a number of words from 1 to %(most)s, or leave it empty.", most=forms.MOST_WORDS),
        "opens": _("Give a date and a time, or leave it empty to open at once."),
        "closes": _("Give a date and a time after the opening, at most a year from now."),
        "zone": _("Choose a time zone from the list."),
    }
    return {name: words[name] for name in FIELDS if name in error.fields}
