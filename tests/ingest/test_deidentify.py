"""Names, addresses and numbers are replaced; ordinary words and the numbers of mathematics stay (P30–P34)."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.ingest.deidentify import PLACEHOLDER, Deidentifier
from tests.ingest.measuring import Loss, Measured, Name, measure, origins, starter_loss, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "deidentification.md"
CLASS = [
    Name("Will", "Tannahill"),
    Name("May", "Thiri Aung"),
    Name("José", "Ramírez"),
    Name("Siobhán", "O'Dálaigh"),
    Name("Grace", "Hope"),
    Name("梓涵", "林"),
    Name("Nour", "Al-Khatibi"),
]
TITLED = ["Young", "Hill", "Brown"]


@pytest.fixture(scope="module")
def cleaner() -> Deidentifier:
    return Deidentifier(CLASS)


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    return [measure(origin) for origin in origins()]


@pytest.fixture(scope="module")
def starter() -> Loss:
    return starter_loss()


def test_p31_p34_recall_and_loss_on_the_synthetic_set(measured, capsys):
    with capsys.disabled():
        print("\n" + table(measured))
    found = sum(row.mentions - len(row.missed) for row in measured)
    assert len(measured) >= 8
    assert found / sum(row.mentions for row in measured) >= 0.98
    assert {row.origin: row.missed for row in measured if row.recall < 0.95} == {}
    assert sum(row.lost for row in measured) <= 0.01 * sum(row.tokens for row in measured)


def test_p31_hardly_an_ordinary_word_of_the_starter_corpus_is_lost(starter, capsys):
    with capsys.disabled():
        print(f"\n{starter}")
    assert starter.tokens > 50_000
    assert starter.lost <= 0.01 * starter.tokens


def test_the_document_says_what_was_measured(measured, starter):
    printed = DOCUMENT.read_text("utf-8").split("```")[1].strip()
    assert printed.splitlines() == [*table(measured).splitlines(), str(starter)]


@pytest.mark.parametrize("name", TITLED)
@pytest.mark.parametrize(
    "title", ["Mr", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "prof.", "Prof. Dr.", "Hr.", "Sr.", "M.", "Mme."]
)
def test_the_full_stop_of_a_title_hides_no_name(title, name):
    cleaner = Deidentifier(Name("Ann", family) for family in TITLED)
    assert cleaner.clean(f"{title} {name} was unclear") == f"{title} [NAME] was unclear"
    assert cleaner.clean(f"I asked. {name} was it, in 5 ms. {name} it is.").count("[NAME]") == 0


@pytest.mark.parametrize("text", ["I worked with {} today", "{} helped", "with {}."])
@pytest.mark.parametrize("written", ["li xi", "xi li", "Li Xi", "hope grace", "LI XI"])
def test_a_full_name_of_two_words_goes_in_any_case_and_order(text, written):
    cleaner = Deidentifier([Name("Xi", "Li"), Name("Grace", "Hope"), Name("An", "Do")])
    assert cleaner.clean(text.format(written)) == text.format("[NAME]")
    assert (
        cleaner.clean("I do an li of it, with grace, hope and xi")
        == "I do an li of it, with grace, hope and xi"
    )


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("I will do it in May, I may.", "I will do it in May, I may."),
        ("Will this be in the exam? Hope so.", "Will this be in the exam? Hope so."),
        ("I think Will is right.", "I think [NAME] is right."),
        ("thanks will!", "thanks [NAME]!"),
        ("Thanks, will do.", "Thanks, will do."),
        ("I WILL NOT do this again", "I WILL NOT do this again"),
        ("@May yes", "@[NAME] yes"),
        ("May Aung said so", "[NAME] said so"),
        ("jose ramirez's idea", "[NAME]'s idea"),
        ("J. Ramírez and Siobhan ODalaigh", "[NAME] and [NAME]"),
        ("Grace Hope has a good grace and hope.", "[NAME] has a good grace and hope."),
        ("Hi Grace,\nI hope it works", "Hi [NAME],\nI hope it works"),
        ("我同意林梓涵的看法", "我同意[NAME]的看法"),
        ("Al Khatibi wrote it", "[NAME] wrote it"),
    ],
)
def test_names_that_are_words_go_only_where_they_are_names(cleaner, text, cleaned):
    assert cleaner.clean(text) == cleaned.replace("@[NAME]", "[HANDLE]")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("write to jo.do+x@uni.example.edu.", "write to [EMAIL]."),
        ("see https://a.example/b?c=d), or www.x.org/y.", "see [LINK]), or [LINK]."),
        ("moodle.uni.edu/mod/forum/view.php?id=3", "[LINK]"),
        ("call +49 170 1234567 or (555) 123-4567 or 020 7946 0018", "call [PHONE] or [PHONE] or [PHONE]"),
        ("my student number is 20231234", "my student number is [NUMBER]"),
        ("s1234567 and 123-45-6789", "[NUMBER] and [NUMBER]"),
        ("I am 40231187 in the list", "I am [NUMBER] in the list"),
        ("ask @jonas_k99", "ask [HANDLE]"),
        ("我的学号是20231234", "我的学号是[NUMBER]"),
    ],
)
def test_addresses_and_numbers_become_typed_placeholders(cleaner, text, cleaned):
    assert cleaner.clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "n = 1024 and 3.14159, for input 7 it is O(n^2)",
        "1 000 000 items, 10000000 steps, 2147483647 + 1, mod 1000000007",
        "x = [5, 3, 8, 1, 9, 2, 7]; 5 3 8 1 9 2 7 becomes 1 2 3 5 7 8 9",
        "0101 0110 1010 in binary, 0xFF00FF in hex",
        "on 2026-11-23 at 10:30, 50% of 3/4, 1e-9, -17",
        "@property and @dataclass are decorators",
        "log2(8) = 3, T(n) = 2T(n/2) + n, a1 a2 b12",
        "java.io and node.js and e.g. this, script.py too",
        "question 3.2.1 on page 114, line 7",
        "f(12345678) = 1 and 12345678 * 2",
    ],
)
def test_mathematics_and_code_stay(cleaner, text):
    assert cleaner.clean(text) == text


SURROUNDINGS = (
    ". If",
    ",",
    ", if",
    ".",
    ":",
    ";",
    "!",
    "?",
    ")",
    '"',
    "”",
    "»",
    "'s",
    "’s",
    "\n",
    "…",
    "。",
    "，",
    "、",
    "）",
    "」",
    "：",
    "是我",
)
BEFORE = ("", "(", '"', "“", "'", "— ", "…", "；", "，", "（", "「", "看", "\n")
IDENTIFIERS = {
    "s2291047": "[NUMBER]",
    "A0123456X": "[NUMBER]",
    "s2291-047": "[NUMBER]",
    "2291-047": "[NUMBER]",
    "ｓ２２９１０４７": "[NUMBER]",
    "+49 170 1234567": "[PHONE]",
    "020 7946 0018": "[PHONE]",
    "jo@uni.example.edu": "[EMAIL]",
    "https://ellerby.example/b": "[LINK]",
    "www.ellerby.example": "[LINK]",
    "trees.campus.example/rotations": "[LINK]",
    "bit.ly": "[LINK]",
    "@jonas_k99": "[HANDLE]",
}


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_what_stands_before_and_after_shields_no_identifier(identifier):
    cleaner = Deidentifier([])
    for before in BEFORE:
        for after in SURROUNDINGS:
            if after == "是我" and identifier.startswith(("http", "www.", "trees.")):
                continue  # may belong to the path
            cleaned = cleaner.clean(f"x {before}{identifier}{after} y")
            assert cleaned.startswith(f"x {before}{IDENTIFIERS[identifier]}{after[:1]}"), cleaned


@pytest.mark.parametrize(
    "link",
    [
        "ellerby.de/notes",
        "bit.ly/3xyz",
        "youtu.be/abc",
        "x.com/robin",
        "robin-ellerby.github.io/page",
        "robin-ellerby.github.io",
        "trees.campus.example/rotations",
        "ellerby.campus/notes",
        "ilias.uni-marburg.de:8080/goto.php?id=3",
        "uni-marburg.de",
        "studenti.unibo.it",
        "müller.de/seite",
        "ellerby.fr",
        "a.edu.au",
        "sites.ellerby.edu.py/x",
    ],
)
def test_links_need_no_scheme(cleaner, link):
    assert cleaner.clean(f"see {link}.") == "see [LINK]."
    assert cleaner.clean(f"({link}) and") == "([LINK]) and"


def test_a_host_ends_where_the_next_sentence_begins(cleaner):
    assert cleaner.clean("on ellerby.com.Then look...ellerby.de/x") == "on [LINK].Then look...[LINK]"


@pytest.mark.parametrize(
    "text",
    [
        "e.g./i.e. and/or main.py, node.js, Fig.2, a.b, 3.5/10, z.B./d.h., a.m./p.m., 9.am/10.am",
        "kind of.but, kind of.but/or, late.he/she, late.It was, end.So what, ende.Der Baum, fin.La vie, ok.de nuevo",
        "System.out.println(x), user.getAddress(), df.info(), java.io, com.example.app, ASP.NET, draw.io",
        "self.left/self.right, node.left/right, arr.length/2, x.shape/y, main.py/utils.py, node.js/express",
        "étudiant.es/enseignant.es, Schüler.innen/Lehrer, M.Sc/B.Sc, it is well-known.it is, penso.io credo",
        "train.csv, model.pt, index.html/style.css, docs.rs, run.sh",
    ],
)
def test_dots_and_slashes_alone_make_no_link(cleaner, text):
    assert cleaner.clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("my student number is 2291-047.", "my student number is [NUMBER]."),
        ("Matrikelnummer: 2291/047.", "Matrikelnummer: [NUMBER]."),
        ("student no. M 2291047)", "student no. [NUMBER])"),
        ("M 2291047.", "M [NUMBER]."),
        ("No.2291047", "No.[NUMBER]"),
        ("2291047, please", "[NUMBER], please"),
        ("it was me (2291047).", "it was me ([NUMBER])."),
        ("Card: 2291047.", "Card: [NUMBER]."),
        ("the porter has it - 2291047", "the porter has it - [NUMBER]"),
        ("my number is 2291047.", "my number is [NUMBER]."),
        ("s2291047_essay.pdf", "[NUMBER]_essay.pdf"),
        ("学号s2291047。", "学号[NUMBER]。"),
        ("jo [at] uni (dot) edu.", "[EMAIL]."),
        ("ask @jo.", "ask [HANDLE]."),
        ("Tel.+49/170/1234567, 138-1234-5678.", "Tel.[PHONE], [PHONE]."),
    ],
)
def test_numbers_and_addresses_as_people_write_them(cleaner, text, cleaned):
    assert cleaner.clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "1234567, 7654321, 3 and [1234567, 7654321] and {'a': 1234567} and output: 1234567",
        "x - 1234567, 1234567-3, 1024-512, .1234567, #ff000000, 0xab123456",
        "COM2108-2118, pages 1123-1147, in 2019/2020, as a student 2019/20, at @10pm",
        "总共1234567个元素，结果是1234567",
        "群里@老师三次没人回",
    ],
)
def test_other_numbers_and_signs_stay(cleaner, text):
    assert cleaner.clean(text) == text


def test_the_identifiers_of_the_demonstration_do_not_remain(cleaner):
    assert cleaner.clean("in the big lab, number s2291047. If you find it") == (
        "in the big lab, number [NUMBER]. If you find it"
    )
    assert cleaner.clean("rotations: trees.campus.example/rotations. You") == "rotations: [LINK]. You"


def test_a_roster_without_names_still_loses_addresses():
    assert Deidentifier([]).clean("Will, a@b.example") == "Will, [EMAIL]"


TWICE = Deidentifier(CLASS)
WORDS = st.sampled_from(
    "will|May|José|ramirez|O'Dálaigh|林梓涵|Al-Khatibi|@will|a@b.co|[NAME]|[|]|.|+49 170 1234567|https://x.org/|"
    "s1234567|\n|n = 1024|thanks|J.|van der|'s".split("|")
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS | st.text(max_size=8), max_size=20).map(" ".join))
def test_cleaning_twice_keeps_every_placeholder(text):
    once = TWICE.clean(text)
    again = TWICE.clean(once)
    assert len(PLACEHOLDER.findall(again)) >= len(PLACEHOLDER.findall(once)) - once.count("[NAME] [NAME]")
    assert "ramirez" not in again.lower()


@pytest.mark.parametrize(
    "unit",
    [
        "a.",
        "1 ",
        "a@",
        "0 1-",
        "+1 ",
        "www.",
        "O'",
        "J. ",
        "id ",
        "van der ",
        "will ",
        "(",
        "a-",
        "12345678 ",
        "@a.",
        "林",
        "a.b/",
        "a.com.",
        "a.b/x ",
        "s1-",
        "1/",
        "x(",
        "id M ",
        "http:",
        "(1",
    ],
)
def test_long_texts_that_are_made_to_hurt_take_little_time(cleaner, unit):
    start = time.process_time()
    cleaner.clean((unit * 20_000)[:20_000])
    assert time.process_time() - start < 2
