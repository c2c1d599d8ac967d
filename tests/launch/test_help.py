"""Help on every page of a student, and the institution's protocol beside every text that staff read (P52, P53, P55)."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import select, update

from lti_tool.errors import ConfigurationError, FieldError
from lti_tool.launch import caring
from lti_tool.launch.caring import Protocol
from lti_tool.launch.help_contacts import HelpBlock, chosen, telephones
from lti_tool.launch.tables import Institution
from lti_tool.settings import Settings
from model.labels import LABELS
from tests.launch.platform import LTI

STUDENT_PAGES = ("student", "choices", "choices/saved", "texts", "data", "stuck", "how-often-wrong")
EVERY = {"a": "yes", "b": "yes", "c": "yes", "d": "yes"}
BLOCK = {"services": "Counselling: 555 0100, 8–22", "crisis": "555 0199", "emergency": "112"}
PROTOCOL = Protocol("1. Stay calm.\n2. Call.", "Welfare office: 555 0123", "https://campus.example/protocol")
CLINICAL = ("suicid", "depress", "diagnos", "self-harm", "danger to", "at risk")


@pytest.fixture
def administrator(sign_in):
    return sign_in("administrator", "99")


def dom(response):
    return HTMLParser(response.text)


def owner(session) -> Institution:
    return session.scalars(select(Institution)).one()


# P52 -----------------------------------------------------------------------------------------------------


def test_p52_students_and_staff_read_that_nobody_watches_it(sign_in):
    student = sign_in("student")
    for path in ("student", "stuck"):
        assert "Nobody watches this page around the clock." in student.get(path).text
    assert "nobody watches it around the clock" in sign_in("instructor", "7").get("worrying").text


def test_p52_no_label_and_no_word_of_a_label_speaks_of_health_or_danger(app):
    from lti_tool.scoring.words import label_word, reads_as_word

    with app.test_request_context():
        words = " ".join((*LABELS, *map(label_word, LABELS), *map(reads_as_word, LABELS))).lower()
    assert not [word for word in CLINICAL if word in words]


# P53 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [None, {"decision": "decline"}, EVERY])
def test_p53_the_help_block_is_on_every_page_whatever_was_chosen(sign_in, administrator, answer):
    administrator.post("care/help", {"language": "en", **BLOCK})
    student = sign_in("student")
    student.client.get(student.landing)
    if answer:
        assert student.post("choices", answer).status_code == 303
    seen = 0
    for path in STUDENT_PAGES:
        page = student.client.get(student.address(path), follow_redirects=True)
        lines = dom(page).css_first("footer.help-block").text()
        assert all(line in lines for line in BLOCK.values()), path
        seen += 1
    assert seen == len(STUDENT_PAGES)


def test_p53_an_error_page_of_a_student_has_it_too(sign_in):
    assert "Help: 555 0100" in dom(sign_in("student").get("nowhere")).css_first("footer.help-block").text()


def test_p53_each_language_has_its_own_and_another_one_is_marked(sign_in, administrator):
    administrator.post("care/help", {"language": "en", **BLOCK})
    administrator.post("care/help", {"language": "de", "crisis": "Telefonseelsorge 0800 1110111"})
    german = sign_in("student", "6", **{LTI + "launch_presentation": {"locale": "de"}})
    footer = dom(german.get("stuck")).css_first("footer.help-block")
    assert "Telefonseelsorge" in footer.text()
    assert not footer.css("[lang]")
    french = sign_in("student", "7", **{LTI + "launch_presentation": {"locale": "fr"}})
    footer = dom(french.get("stuck")).css_first("footer.help-block")
    assert footer.css_first("dl").attributes["lang"] == "en"


@pytest.mark.parametrize("contacts", ["", "   ", "\n"])
def test_p53_production_refuses_to_start_without_contacts(tmp_path, contacts):
    settings = Settings(
        environment="production", home=tmp_path, base_url="https://tool.example", help_contacts=contacts
    )
    with pytest.raises(ConfigurationError, match="UNDERTONE_HELP_CONTACTS"):
        settings.check()
    settings.help_contacts = "Counselling 555 0100"
    settings.check()


def test_p53_an_institution_cannot_empty_it(administrator, database):
    assert administrator.post("care/help", {"language": "en", "services": "  "}).status_code == 400
    with database.session() as session:
        session.execute(update(Institution).values(help_blocks={"de": BLOCK}, help_contacts=""))
        assert chosen(owner(session).help_blocks, "en", ("", "555")).services == BLOCK["services"]
    assert chosen({}, "en", ("", "the installation's")).services == "the installation's"


@pytest.mark.parametrize(
    ("language", "block"),
    [
        ("en", HelpBlock()),
        ("en", HelpBlock(services="x" * 301)),
        ("xx", HelpBlock(crisis="1")),
        ("../x", HelpBlock(crisis="1")),
    ],
)
def test_p53_a_block_that_is_unfit_is_refused_and_changes_nothing(sign_in, database, language, block):
    with database.session() as session:
        with pytest.raises(FieldError):
            caring.set_help(session, datetime.now(UTC), owner(session), language, block, None)
        assert owner(session).help_blocks == {}


def test_p53_markup_in_it_is_text(sign_in, administrator):
    administrator.post("care/help", {"language": "en", "services": "<script>x</script> 555 0100"})
    footer = dom(sign_in("student").get("stuck")).css_first("footer.help-block")
    assert not footer.css("script")
    assert "<script>x</script>" in footer.text()


def test_a_number_keeps_its_order_on_a_right_to_left_page():
    assert str(telephones("ا 555 0100، 8–22")) == (
        'ا <bdi dir="ltr">555 0100</bdi>، <bdi dir="ltr">8</bdi>–<bdi dir="ltr">22</bdi>'
    )
    assert str(telephones("+49 (0)30/123-45")) == '<bdi dir="ltr">+49 (0)30/123-45</bdi>'
    assert str(telephones("none")) == "none"


# P55 -----------------------------------------------------------------------------------------------------


def test_p55_one_press_leads_from_a_text_to_the_institutions_own_protocol(sign_in, administrator):
    assert administrator.post("care/protocol", {**vars(PROTOCOL)}).status_code == 303
    page = sign_in("instructor", "7").get("worrying")
    assert page.status_code == 200
    words = dom(page).css_first("main").text()
    assert "Stay calm." in words
    assert "555 0123" in words
    assert dom(page).css_first(f"a[href='{PROTOCOL.address}']")
    assert "This tool sends nothing by itself" in words
    assert not dom(page).css("main form")


def test_p55_without_a_protocol_the_page_says_so_and_names_the_students_contacts(sign_in):
    words = dom(sign_in("instructor", "7").get("worrying")).css_first("main").text()
    assert "has not entered its protocol" in words
    assert "Help: 555 0100" in words


def test_p55_students_have_no_such_page(sign_in):
    assert sign_in("student").get("worrying").status_code == 403


@pytest.mark.parametrize(
    "change",
    [{"steps": " "}, {"contacts": ""}, {"address": "javascript:alert(1)"}, {"steps": "x" * 4001}],
)
def test_p55_an_unfit_protocol_is_refused_and_keeps_the_one_before(administrator, database, change):
    administrator.post("care/protocol", {**vars(PROTOCOL)})
    assert administrator.post("care/protocol", {**vars(PROTOCOL), **change}).status_code == 400
    with database.reading() as session:
        assert caring.protocol_of(owner(session)) == PROTOCOL


@pytest.mark.parametrize("path", ["care", "care/help", "care/protocol"])
@pytest.mark.parametrize("role", ["student", "instructor"])
def test_only_administrators_set_them(sign_in, role, path):
    person = sign_in(role)
    assert (person.get(path) if path == "care" else person.post(path, {})).status_code == 403
