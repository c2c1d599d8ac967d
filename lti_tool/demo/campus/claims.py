"""The id_token of a launch as Moodle 4.5 writes it with name and e-mail shared and grades off."""

import time
from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.records import Person
from lti_tool.demo.campus.settings import ToolRegistration
from lti_tool.demo.campus.state import Campus

ROLES = {
    "student": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    "instructor": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
    "administrator": [
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
    ],
}
ID_TOKEN_SECONDS = 60
RESOURCE_LINK_ID = "1"
LINKS = {
    RESOURCE_LINK_ID: ("Undertone", {}),
    "2": ("Reflection of this week", {"undertone_activity": "this-week"}),
}
"""Link id → its title and its custom parameters; the second was placed as one that is written in the tool."""
_LTI = "https://purl.imsglobal.org/spec/lti/claim"


def memberships_url(campus: Campus) -> str:
    """Where the roster of the course is read (NRPS 2.0)."""
    return f"{campus.settings.base_url}/mod/lti/services.php/CourseSection/{COURSE_ID}/bindings/1/memberships"


def context(campus: Campus) -> dict[str, str]:
    return {"id": str(COURSE_ID), "label": campus.content.short, "title": campus.content.title}


def launch_claims(
    campus: Campus,
    tool: ToolRegistration,
    person: Person,
    nonce: str,
    target: str,
    link: str = RESOURCE_LINK_ID,
) -> dict[str, Any]:
    """Claims of a launch of one of `LINKS` (LTI 1.3 core 5.3); `target` is `iframe` or `window`."""
    now, root = int(time.time()), campus.settings.base_url
    title, custom = LINKS[link]
    return {
        "nonce": nonce,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "iss": root,
        "aud": tool.client_id,
        f"{_LTI}/deployment_id": campus.settings.deployment_id,
        f"{_LTI}/target_link_uri": tool.launch_url,
        "sub": str(person.id),
        f"{_LTI}/lis": {"person_sourcedid": person.number, "course_section_sourcedid": ""},
        f"{_LTI}/roles": ROLES[person.role],
        f"{_LTI}/context": {**context(campus), "type": ["CourseSection"]},
        f"{_LTI}/message_type": "LtiResourceLinkRequest",
        f"{_LTI}/resource_link": {"title": title, "description": "", "id": link},
        "given_name": person.given,
        "family_name": person.family,
        "name": person.name,
        f"{_LTI}/ext": {"user_username": person.key, "lms": "moodle-2"},
        "email": person.email,
        f"{_LTI}/launch_presentation": {
            "locale": person.language,
            "document_target": target,
            "return_url": f"{root}/mod/lti/return.php?course={COURSE_ID}&launch_container=3&instanceid=1",
        },
        f"{_LTI}/tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": "5a3b1c0e6f7d48e2b9c1a7f0d2e4c6b8",
            "name": "campus",
            "description": "Sample campus",
        },
        f"{_LTI}/version": "1.3.0",
        f"{_LTI}/custom": {"context_memberships_url": memberships_url(campus), **custom},
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": memberships_url(campus),
            "service_versions": ["1.0", "2.0"],
        },
    }
