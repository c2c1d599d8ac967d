"""`register` and `admin add`: what is printed is what was stored, and what cannot be used is refused by name."""

import pytest
from sqlalchemy import select

from lti_tool.launch.tables import Institution, Operator, Registration
from tests.cli.conftest import TOKEN, platform, refused

URL = "https://lms.example"


def register(undertone, token: str = TOKEN, **changes: str | None):
    """`register` for the platform at URL with options changed, or left out when None."""
    options = platform(URL)
    given: dict[str, str | None] = dict(zip(options[::2], options[1::2], strict=True))
    given |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    arguments = [part for name, value in given.items() if value is not None for part in (name, value)]
    return undertone("register", *arguments, UNDERTONE_LMS_TOKEN=token)


def stored(undertone) -> tuple[list[str], list[tuple[str, str]]]:
    """The client ids, and mode and approver of each institution."""
    with undertone.database.reading() as session:
        clients = list(session.scalars(select(Registration.client_id).order_by(Registration.client_id)))
        found = session.scalars(select(Institution))
        return clients, [(one.mode, one.mode_record["approver"]) for one in found]


@pytest.mark.parametrize(("first", "second"), [("off", "individual"), ("individual", "off")])
def test_another_mode_for_an_institution_is_refused_and_the_present_one_named(undertone, first, second):
    register(undertone, mode=first)
    refused(register(undertone, client_id="two", mode=second), f"is in mode {first}")
    assert stored(undertone) == (["tool"], [(first, "the dean")])


def test_another_approver_is_refused_instead_of_dropped(undertone):
    register(undertone)
    refused(register(undertone, client_id="two", approved_by="the provost"), "--approved-by")
    assert stored(undertone) == (["tool"], [("individual", "the dean")])


def test_a_second_platform_keeps_the_institutions_decision_and_prints_it(undertone):
    register(undertone, mode="off")
    result = register(undertone, client_id="two", mode=None, approved_by=None)
    assert (result.exit_code, result.output.strip().endswith("in mode off.")) == (0, True), result.output
    assert register(undertone, client_id="three", mode="off").exit_code == 0
    assert stored(undertone) == (["three", "tool", "two"], [("off", "the dean")])


@pytest.mark.parametrize("missing", ["mode", "approved_by", "reason", "office", "assessment", "memo"])
def test_a_new_institution_needs_a_decision(undertone, missing):
    refused(register(undertone, **{missing: None}), f"--{missing.replace('_', '-')}")
    assert stored(undertone) == ([], [])


@pytest.mark.parametrize(
    "address",
    [
        *("https://[bad", "http://evil.example", "https://lms.example/?x=1", "https://lms.example/?"),
        *(
            "https://lms.example/#f",
            "https://me@lms.example",
            "https://lms.example\\x",
            "https://lms.exämple",
        ),
    ],
)
def test_an_lms_address_that_the_token_must_not_go_to_is_refused(undertone, address):
    refused(register(undertone, lms_url=address), "--lms-url")
    assert stored(undertone) == ([], [])


@pytest.mark.parametrize("token", ["two\nlines", "two words", "clé", " "])
def test_a_token_that_no_header_can_hold_is_refused(undertone, token):
    result = register(undertone, token)
    refused(result, "UNDERTONE_LMS_TOKEN")
    assert token.strip() == "" or token not in result.output
    assert stored(undertone) == ([], [])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *((option, value) for option in ("institution", "client_id") for value in ("", "  ", "two\nlines")),
        *(("approved_by", value) for value in ("", "  ")),
    ],
)
def test_a_name_that_says_nothing_is_refused(undertone, option, value):
    refused(register(undertone, **{option: value}), f"--{option.replace('_', '-')}")
    assert stored(undertone) == ([], [])


@pytest.mark.parametrize("sub", ["", "  "])
def test_an_administrator_without_an_id_is_refused(undertone, sub):
    register(undertone)
    refused(undertone("admin", "add", "--issuer", URL, "--client-id", "tool", "--sub", sub), "--sub")
    with undertone.database.reading() as session:
        assert session.scalars(select(Operator)).all() == []
