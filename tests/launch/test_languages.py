"""Pages in the pseudo-locale hold no word that never went through a catalogue; languages follow the launch."""

import re
import runpy
import sys
from pathlib import Path

import pytest
from flask_babel import get_locale
from selectolax.lexbor import LexborHTMLParser

from lti_tool.app import create_app
from lti_tool.launch import languages
from lti_tool.launch.errors import REFUSALS
from tests.launch.platform import LTI

MESSAGES = Path(__file__).parents[2] / "scripts" / "messages.py"
DATA = "script, style, code, bdi, time, [dir=ltr]:not(html), title, option"
"""Elements whose text is data or is shown nowhere on the page."""
SHOWN = ("aria-label", "placeholder", "alt", "title")
NAMES = {"Undertone", "Ecology"}
RAW = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="session")
def pseudo_catalogues(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translations")
    runpy.run_path(str(MESSAGES))["write"](folder)
    return folder


@pytest.fixture
def settings(settings):
    settings.help_contacts = "555 0100"
    return settings


@pytest.fixture
def app(pseudo_catalogues, settings, database, keyring, monkeypatch):
    monkeypatch.setattr(languages, "CATALOGUES", pseudo_catalogues)
    return create_app(settings, database, keyring)


@pytest.fixture
def sign_in_pseudo(sign_in):
    def sign(role):
        return sign_in(role, **{LTI + "launch_presentation": {"locale": languages.PSEUDO}})

    return sign


def raw_words(html: str) -> set[str]:
    """Words on the page in plain letters: they never went through a catalogue, or a placeholder holds them."""
    tree = LexborHTMLParser(html)
    for node in tree.css(DATA):
        node.decompose()
    texts = [tree.body.text(separator="\n")] if tree.body else []
    texts += [node.attributes.get(name) or "" for name in SHOWN for node in tree.css(f"[{name}]")]
    return {word for text in texts for word in RAW.findall(text)} - NAMES


def test_a_raw_word_is_noticed():
    assert raw_words("<body><p>⟦Öþéñ⟧ Open</p></body>") == {"Open"}
    assert raw_words("<body><p>⟦Öþéñ⟧</p><a aria-label='Close'></a><code>abc</code></body>") == {"Close"}


@pytest.mark.parametrize("role", ["student", "instructor", "administrator", "none"])
def test_no_page_without_arguments_holds_a_raw_word(app, sign_in_pseudo, role):
    person = sign_in_pseudo(role)
    seen, raw = 0, {}
    for rule in app.url_map.iter_rules():
        if rule.arguments != {"launch_id"} or "GET" not in rule.methods:
            continue
        answer = person.get(person.address(rule.rule.removeprefix("/l/<launch_id>/")))
        if answer.mimetype == "text/html" and answer.status_code != 302:
            seen += 1
            raw[rule.rule] = raw_words(answer.text)
            assert 'lang="en-XA"' in answer.text or "<html" not in answer.text
    assert {rule: words for rule, words in raw.items() if words} == {}
    assert seen


@pytest.fixture(scope="module")
def students_words(tmp_path_factory):
    """A pseudo-locale of the words that the shipped catalogues hold, and of no others."""
    folder = tmp_path_factory.mktemp("students")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(MESSAGES.parent), *sys.path])
        script = runpy.run_path(str(MESSAGES.parent / "student_messages.py"))
    runpy.run_path(str(MESSAGES))["write"](folder, script["template"]())
    return folder


@pytest.fixture
def of_students(students_words, monkeypatch):
    monkeypatch.setattr(languages, "CATALOGUES", students_words)


@pytest.mark.parametrize("chosen", [{"decision": "decline"}, dict.fromkeys("abcd", "yes")])
def test_the_catalogues_hold_every_word_of_a_students_pages(app, of_students, sign_in_pseudo, chosen):
    person = sign_in_pseudo("student")
    person.client.get(person.landing)
    assert person.post("choices", chosen).status_code == 303
    raw = {}
    for rule in app.url_map.iter_rules():
        if rule.arguments == {"launch_id"} and "GET" in rule.methods:
            answer = person.get(person.address(rule.rule.removeprefix("/l/<launch_id>/")))
            if answer.status_code != 403 and answer.mimetype == "text/html" and answer.status_code != 302:
                raw[rule.rule] = raw_words(answer.text)
    assert {rule: words for rule, words in raw.items() if words} == {}
    assert len(raw) > 5


def test_no_error_page_of_a_launch_holds_a_raw_word(app, pseudo_catalogues):
    from flask_babel import force_locale, gettext

    with app.test_request_context(), force_locale(languages.PseudoLocale()):
        for _status, words in REFUSALS.values():
            assert gettext(words) != words, words


def test_login_pages_follow_the_browsers_language(app, platform, registration):
    fields = {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
    }
    client = app.test_client(use_cookies=False)
    page = client.post("/lti/login", data=fields, headers={"Accept-Language": "en-XA"}).text
    assert raw_words(page) == set()
    attempt = re.search(r'name="attempt" value="(\w+)"', page)[1]
    page = client.post("/lti/continue", data={"attempt": attempt}, headers={"Accept-Language": "en-XA"}).text
    assert raw_words(page) == set()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("de-AT", "de"),
        ("de_du", "de"),
        ("pt_BR", "pt"),
        ("zh", "zh_Hans"),
        ("zh_cn", "zh_Hans"),
        ("zh-TW", None),
        ("zh_Hant", None),
        ("ar-EG", "ar"),
        ("vi", None),
        ("xx-nonsense", None),
        ("", None),
        ("../etc", None),
    ],
)
def test_a_wanted_language_is_matched_or_not(wanted, found):
    matched = languages.best(wanted)
    assert (str(matched) if matched else None) == found


def test_a_language_without_a_catalogue_falls_back(app, sign_in):
    person = sign_in("student", **{LTI + "launch_presentation": {"locale": "de"}})
    assert 'lang="en"' in person.get("stuck").text
    with app.test_request_context():
        assert str(get_locale()) == "en"


@pytest.mark.parametrize("locale", ["<script>", "x" * 100, "en; drop", 7])
def test_a_locale_that_is_none_is_dropped(sign_in, locale):
    answer = sign_in("student", **{LTI + "launch_presentation": {"locale": locale}}).get("information")
    assert answer.status_code == 200
