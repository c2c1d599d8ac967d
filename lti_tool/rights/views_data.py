""" "My data": what is kept, how it was used and by whom it was seen, and the files to take along."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.consent import service as consent
from lti_tool.launch.limits import exports_limited
from lti_tool.launch.pages import CurrentLaunch, current
from lti_tool.rights import (
    erasing,
    export,
    export_csv,
    field_guide,
    pausing,
    quoting,
    training_use,
    viewing,
)
from lti_tool.rights.blueprint import bp
from lti_tool.scoring.serving import shown_version
from lti_tool.storage.request import now, request_session, wiring


@bp.get("/data")
def my_data() -> str:
    """In words first; every table in numbers on demand."""
    launch, session = current(), request_session()
    counts = export.counts(session, launch.person_id)
    return render_template(
        "rights/data.html",
        counts=counts,
        tables=[(field_guide.table_words(name), count) for name, count in counts.items()],
        seen=viewing.seen_by(session, launch.person_id),
        trained=training_use.uses(session, launch.person_id),
        quoted=quoting.findings_of(session, launch.course_id, launch.person_id),
        version=shown_version(session, launch.course_id),
        reads=consent.choices(session, launch.person_id).a,
        on_pause=pausing.is_paused(session, launch.person_id),
        erasures=erasing.waiting(session, launch.person_id),
        told=request.args.get("told", ""),
    )


@bp.get("/data/export")
@exports_limited
def download() -> Response:
    """Everything kept about the person, as a JSON file."""
    return _download("json", "application/json", _json(current(), now()))


@bp.get("/data/export.zip")
@exports_limited
def download_tables() -> Response:
    """The same as tables for a spreadsheet."""
    return _download("zip", "application/zip", _zip(current(), now()))


Pieces = Callable[[Session, field_guide.Guide], Iterator[Any]]


def _json(launch: CurrentLaunch, at: datetime) -> Pieces:
    return lambda session, guide: export.as_json(
        export.sections(session, at, launch.person_id, launch.course_id, guide)
    )


def _zip(launch: CurrentLaunch, at: datetime) -> Pieces:
    return lambda session, guide: export_csv.as_zip(session, at, launch.person_id, launch.course_id, guide)


def _download(ending: str, kind: str, pieces: Pieces) -> Response:
    """A file that is sent while it is read, after one row in the log says so."""
    launch, database, guide = current(), wiring().database, field_guide.guide()
    with database.session() as session:
        record(
            session,
            now(),
            "data_exported",
            code=ending,
            institution_id=launch.institution_id,
            course_id=launch.course_id,
            actor_id=launch.person_id,
            subject_id=launch.person_id,
        )

    def read() -> Iterator[Any]:
        with database.reading() as session:
            yield from pieces(session, guide)

    name = f"undertone-my-data-{now():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(read(), mimetype=kind, headers=headers)
