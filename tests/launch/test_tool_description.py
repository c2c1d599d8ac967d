"""What the tool says of itself to platforms: the shapes that they document, and never a word of grades (P3)."""

import re

import pytest

from lti_tool.launch.tool_description import TOOL, canvas_configuration, registration_request
from tests.launch.registering_platform import recorded

NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


def test_the_request_has_the_shape_that_canvas_documents():
    documented = recorded("canvas_request")
    asked = registration_request("https://tool.example.org", "canvas", deep_linking=False)
    assert set(asked) == set(documented)
    assert set(asked[TOOL]) - {"description"} == set(documented[TOOL])
    assert set(documented[TOOL]["messages"][0]) - {"roles"} == set(asked[TOOL]["messages"][0])


def test_the_configuration_to_paste_has_the_shape_that_canvas_documents():
    documented, ours = recorded("canvas_key"), canvas_configuration("https://tool.example.org")
    assert set(ours) == set(documented)
    assert set(ours["extensions"][0]) == set(documented["extensions"][0])
    for own, other in zip(
        ours["extensions"][0]["settings"]["placements"],
        documented["extensions"][0]["settings"]["placements"],
        strict=True,
    ):
        assert set(own) <= set(other)
        assert own["placement"] == other["placement"]


@pytest.mark.parametrize("family", ["moodle", "canvas", "", "other"])
def test_p3_p28_no_grade_and_no_address_is_ever_asked_for(family):
    asked = registration_request("https://tool.example.org", family, deep_linking=True)
    for words in (str(asked), str(canvas_configuration("https://tool.example.org"))):
        assert re.search(r"lti-ags|lineitem|score|result|email|picture", words) is None
    assert asked["scope"] == NRPS


def test_deep_linking_is_asked_for_only_when_it_is_on():
    def kinds(on: bool) -> list[str]:
        asked = registration_request("https://tool.example.org", "moodle", deep_linking=on)
        return [message["type"] for message in asked[TOOL]["messages"]]

    assert kinds(False) == ["LtiResourceLinkRequest"]
    assert kinds(True) == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
