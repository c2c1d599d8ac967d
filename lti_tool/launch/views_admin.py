"""The administrator's "Connection" page: what is registered, what is connected, and a check of it."""

from typing import cast

from flask import current_app, render_template

from lti_tool.errors import InvalidInputError
from lti_tool.launch import connection as service
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import now, wiring

bp = launch_blueprint("launch_admin", __name__, roles=("administrator",))


@bp.get("/connection")
def connection() -> str:
    return _page(None)


@bp.post("/connection/check")
def check() -> str:
    """Try the connection of one course now. Calls go out, so no transaction of this request is open."""
    with wiring().database.reading() as session:
        course = service.course_to_check(session, current().institution_id, current().course_id)
    if course is None:
        raise InvalidInputError("Open this page from a course once, then check the connection.")
    key_sets = cast(KeySets, current_app.extensions["undertone_key_sets"])
    place = wiring()
    return _page(list(service.check(place.database, place.settings, key_sets, _lms(), now(), course)))


def _page(lines: list[service.Line] | None) -> str:
    with wiring().database.reading() as session:
        institution = session.get_one(Institution, current().institution_id)
        described = service.described(session, institution.id, _lms())
    return render_template(
        "launch/connection.html",
        institution=institution,
        described=described,
        lines=lines,
        addresses=_addresses(),
    )


def _addresses() -> dict[str, str]:
    """What the platform's own administrator enters about this tool."""
    base = wiring().settings.base_url
    return {"login": f"{base}/lti/login", "launch": f"{base}/lti/launch", "keys": f"{base}/lti/keys"}


def _lms() -> service.Lms:
    return cast(service.Lms, current_app.extensions["undertone_lms"])
