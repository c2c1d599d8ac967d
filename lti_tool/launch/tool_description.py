"""What this tool tells a platform about itself: in dynamic registration, and as Canvas's JSON to paste.

It asks for the list of people and for nothing that has to do with grades (P3, S20).
"""

import json
from typing import Any
from urllib.parse import urlsplit

NAME = "Undertone"
SUMMARY = "Shows where a course is stuck, from texts whose authors agreed."
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS = "https://canvas.instructure.com/lti/"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
"""Names, so that they can be taken out of texts; no e-mail address, no picture."""
CUSTOM_OF_CANVAS = {
    "canvas_course_id": "$Canvas.course.id",
    "canvas_course_ends": "$Canvas.course.endAt",
    "canvas_user_id": "$Canvas.user.id",
}
"""Which course and which author of Canvas's API a launch belongs to, and when the course ends (P19)."""
PRIVACY = "name_only"
RESOURCE, DEEP_LINKING = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
EDITOR = {"canvas": "link_selection"}
"""Where a teacher places a link, by family; elsewhere the content area (Moodle)."""


def registration_request(base_url: str, family: str, *, deep_linking: bool) -> dict[str, Any]:
    """The body of a dynamic registration (LTI Dynamic Registration 1.0, 3.5.2)."""
    return {
        "application_type": "web",
        "client_name": NAME,
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [_launch(base_url)],
        "jwks_uri": f"{base_url}/lti/keys",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": ROSTER_SCOPE,
        TOOL: _configuration(base_url, family, deep_linking),
    }


def canvas_configuration(base_url: str) -> dict[str, Any]:
    """The JSON of Canvas's form for an LTI key, method "Paste JSON"."""
    launch = _launch(base_url)
    navigation = {"default": "disabled", "visibility": "members"}
    return {
        "title": NAME,
        "description": SUMMARY,
        "oidc_initiation_url": f"{base_url}/lti/login",
        "target_link_uri": launch,
        "public_jwk_url": f"{base_url}/lti/keys",
        "scopes": [ROSTER_SCOPE],
        "custom_fields": dict(CUSTOM_OF_CANVAS),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(base_url).hostname,
                "tool_id": NAME.lower(),
                "privacy_level": PRIVACY,
                "settings": {
                    "text": NAME,
                    "placements": [
                        _placement("course_navigation", RESOURCE, launch) | navigation,
                        _placement("link_selection", DEEP_LINKING, launch),
                    ],
                },
            }
        ],
    }


def pretty(configuration: dict[str, Any]) -> str:
    """For a person who copies it."""
    return json.dumps(configuration, indent=2)


def _configuration(base_url: str, family: str, deep_linking: bool) -> dict[str, Any]:
    configuration: dict[str, Any] = {
        "domain": urlsplit(base_url).hostname,
        "target_link_uri": _launch(base_url),
        "description": SUMMARY,
        "claims": list(CLAIMS),
        "messages": list(_messages(base_url, family, deep_linking)),
    }
    if family == "canvas":
        configuration["custom_parameters"] = dict(CUSTOM_OF_CANVAS)
        configuration[CANVAS + "privacy_level"] = PRIVACY
        configuration[CANVAS + "tool_id"] = NAME.lower()
    return configuration


def _messages(base_url: str, family: str, deep_linking: bool) -> list[dict[str, Any]]:
    opened: dict[str, Any] = {"type": RESOURCE, "label": NAME, "target_link_uri": _launch(base_url)}
    if family == "canvas":
        opened["placements"] = ["course_navigation"]
        opened[CANVAS + "course_navigation/default_enabled"] = False
        opened[CANVAS + "visibility"] = "members"
    if not deep_linking:
        return [opened]
    placed = {"type": DEEP_LINKING, "label": NAME, "placements": [EDITOR.get(family, "ContentArea")]}
    return [opened, placed | {"target_link_uri": _launch(base_url)}]


def _placement(name: str, message: str, launch: str) -> dict[str, Any]:
    return {
        "placement": name,
        "message_type": message,
        "target_link_uri": launch,
        "text": NAME,
        "enabled": True,
    }


def _launch(base_url: str) -> str:
    return f"{base_url}/lti/launch"
