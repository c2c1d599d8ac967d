"""The administrator's tab "Privacy": the papers to download, and who of the staff looked at whom (P48)."""

import csv
import io
from datetime import UTC, datetime, timedelta

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from lti_tool.audit import record
from lti_tool.audit.looking import KEPT, Look, Wanted, looks, reviewed, rows
from lti_tool.documents.facts import gather
from lti_tool.documents.writing import PAPERS, archive, written
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.limits import exports_limited
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("documents", __name__, roles=("administrator",))
admin_page("documents.privacy", _l("Privacy"), 40)

PER_PAGE = 50
DAYS = (7, 30, 365)


@bp.get("/privacy")
def privacy() -> str:
    """The papers, and where to see who looked."""
    return render_template("documents/privacy.html", papers=PAPERS, kept=KEPT.days)


@bp.get("/privacy/papers")
@exports_limited
def papers() -> Response:
    """All papers of the institution as one ZIP file, from its settings as they are now."""
    launch, session = current(), request_session()
    packed = archive(
        written(gather(session, wiring().settings, session.get_one(Institution, launch.institution_id)))
    )
    with wiring().database.session() as writing:
        record(
            writing,
            now(),
            "papers_downloaded",
            institution_id=launch.institution_id,
            actor_id=launch.person_id,
        )
    return _download(packed, "application/zip", f"undertone-documents-{now():%Y-%m-%d}.zip")


@bp.get("/privacy/views")
def views() -> str:
    """Who looked at whom, newest first; the reading is itself put on record."""
    wanted, start = _wanted(), max(0, request.args.get("start", 0, type=int))
    found = looks(request_session(), wanted, start=start, most=PER_PAGE + 1)
    _reviewed(wanted, min(len(found), PER_PAGE))
    return render_template(
        "documents/views.html",
        looks=found[:PER_PAGE],
        wanted=wanted,
        days=_days(),
        choices=DAYS,
        start=start,
        following=start + PER_PAGE if len(found) > PER_PAGE else None,
        kept=KEPT.days,
    )


@bp.get("/privacy/views/csv")
@exports_limited
def views_csv() -> Response:
    """The same as CSV, all of the period."""
    wanted = _wanted()
    found = looks(request_session(), wanted)
    _reviewed(wanted, len(found))
    text = io.StringIO()
    csv.writer(text).writerows(rows(found, Look))
    return _download(
        text.getvalue().encode(), "text/csv; charset=utf-8", f"undertone-views-{now():%Y-%m-%d}.csv"
    )


def _wanted() -> Wanted:
    given, until = request.args, now() + timedelta(seconds=1)
    since = max(until - timedelta(days=_days()), datetime(1970, 1, 1, tzinfo=UTC))
    who, whom = given.get("who", "").strip(), given.get("whom", "").strip()
    return Wanted(current().institution_id, since, until, who, whom)


def _days() -> int:
    asked = request.args.get("days", DAYS[1], type=int)
    return asked if asked in DAYS else DAYS[1]


def _reviewed(wanted: Wanted, found: int) -> None:
    with wiring().database.session() as session:
        reviewed(session, now(), wanted, found, current().person_id)


def _download(body: bytes, kind: str, name: str) -> Response:
    return Response(body, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
