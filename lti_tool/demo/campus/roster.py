"""The names and roles service (NRPS 2.0) as Moodle answers it: short role names, paging only when asked."""

import json
from typing import Any

from flask import Blueprint, Response, request

from lti_tool.demo.campus.claims import RESOURCE_LINK_ID, context, memberships_url
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.platform import campus, platform
from lti_tool.demo.campus.records import Person

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SHORT_ROLES = {"student": "Learner", "instructor": "Instructor"}

bp = Blueprint("roster", __name__)


@bp.route(
    "/mod/lti/services.php/CourseSection/<int:course_id>/bindings/1/memberships",
    methods=["GET", "POST", "PUT", "DELETE"],
)
def memberships(course_id: int) -> Response:
    """One page of active members; needs a token with the roster scope."""
    return campus().settings.faults.answer("nrps", lambda: _memberships(course_id))


def _memberships(course_id: int) -> Response:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not platform().may_read_roster(token):
        return _refuse(401, "Unauthorized")
    if request.method != "GET":
        return _refuse(405, "Method Not Allowed")
    accept = request.headers.get("Accept", "*/*")
    if MEDIA_TYPE not in accept and "*/*" not in accept:
        path = request.path.removeprefix("/mod/lti/services.php")
        return _refuse(400, f"No handler found for {path} {accept}")
    if course_id != COURSE_ID:
        return _refuse(404, f"Not Found: Course {course_id} doesn't exist")
    return _page()


def _page() -> Response:
    wanted = request.args.get("role", "").rpartition("#")[2]
    people = sorted(
        campus().enrolled(suspended=False), key=lambda person: (person.family or person.given, person.given)
    )
    people = [person for person in people if wanted in ("", SHORT_ROLES[person.role])]
    start = request.args.get("from", default=0, type=int)
    limit = request.args.get("limit", default=0, type=int)
    end = start + limit if limit > 0 else len(people)
    linked = request.args.get("rlid") == RESOURCE_LINK_ID
    body = {
        "id": memberships_url(campus()),
        "context": context(campus()),
        "members": [_member(person, linked) for person in people[start:end]],
    }
    response = Response(json.dumps(body), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    if end < len(people):
        # The role is lost on the way to the next page, as on the real thing.
        kept = f"&rlid={RESOURCE_LINK_ID}" if linked else ""
        response.headers["Link"] = f'<{memberships_url(campus())}?limit={limit}&from={end}{kept}>; rel="next"'
    return response


def _member(person: Person, linked: bool) -> dict[str, Any]:
    message = {"https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest"}
    return {
        "status": "Active",
        "roles": [SHORT_ROLES[person.role]],
        **({"message": [message]} if linked else {}),
        "user_id": str(person.id),
        "lis_person_sourcedid": person.number,
        "name": person.name,
        "given_name": person.given,
        "family_name": person.family,
        "email": person.email,
        "ext_user_username": person.key,
    }


def _refuse(status: int, reason: str) -> Response:
    asked = {"method": request.method, "url": request.path, "accept": request.headers.get("Accept", "")}
    body = {"status": status, "reason": reason, "request": asked}
    # The reason phrase names the fault, as Moodle's does.
    response = Response(json.dumps(body), content_type="application/json; charset=utf-8")
    response.status = f"{status} {reason}"
    return response
