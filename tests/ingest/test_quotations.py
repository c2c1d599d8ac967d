"""Quotations of mail programs in ten languages, and what the editors of Moodle and Canvas write around a text (P21)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.ingest.own_words import CONTROL, own_words

WROTE = [
    "On Tue, 3 Mar 2026 at 10:14, Hannah Ashgrove <h@uni.example> wrote:",
    "El mar, 3 mar 2026 a las 10:14, Hannah (<h@uni.example>) escribió:",
    "Le mar. 3 mars 2026 à 10:14, Hannah <h@uni.example> a écrit :",
    "Am Di., 3. März 2026 um 10:14 Uhr schrieb Hannah <h@uni.example>:",
    "Il giorno mar 3 mar 2026 alle ore 10:14 Hannah <h@uni.example> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 10:14, Hannah <h@uni.example> escreveu:",
    "Hannah <h@uni.example> 于2026年3月3日周二 10:14写道：",
    "في الثلاثاء، 3 مارس 2026 10:14 كتب Hannah <h@uni.example>:",
    "मंगल, 3 मार्च 2026 को 10:14 बजे Hannah <h@uni.example> ने लिखा:",
    "Vào Th 3, 3 thg 3, 2026 vào lúc 10:14 Hannah <h@uni.example> đã viết:",
]
HEADED = [
    ("From: Hannah", "Sent: Tuesday 10:14"),
    ("De: Hannah", "Enviado: martes 10:14"),
    ("De : Hannah", "Envoyé : mardi 10:14"),
    ("Von: Hannah", "Gesendet: Dienstag 10:14"),
    ("Da: Hannah", "Inviato: martedì 10:14"),
    ("De: Hannah", "Enviada: terça-feira 10:14"),
    ("发件人: Hannah", "发送时间: 星期二"),
    ("من: Hannah", "تاريخ الإرسال: الثلاثاء"),
    ("प्रेषक: Hannah", "दिनांक: मंगलवार"),
    ("Từ: Hannah", "Đã gửi: thứ ba"),
]


@pytest.mark.parametrize("wrote", WROTE)
def test_what_stands_under_a_mail_programs_line_is_not_the_authors(wrote):
    line = wrote.replace("<", "&lt;").replace(">", "&gt;")
    assert own_words(f"<p>mine</p><p>{line}</p><p>secret</p><p>secret too</p>") == "mine"
    assert own_words(f"<p>{line}</p><p>&gt; secret</p><p>mine</p>") == "mine"
    assert own_words(f"<p>{line}</p><blockquote>secret</blockquote><p>mine</p>") == "mine"


@pytest.mark.parametrize(
    "wrote",
    [
        "Bram Visser <b@uni.example> wrote:",
        "b@uni.example wrote:",
        "Bram schrieb:",
        "On Mon, 3 May 2026 at 10:00, I Wayan wrote:",
        "To what I wrote, on 3 May at 10:14, Bram wrote:",
        "Bram van der Visser wrote:",
        "On Monday, Bram Visser wrote:",
        "On 3 May 2026, Bram Visser wrote:",
        "Am 03.05.2026 um 10.14 Uhr schrieb Bram Visser:",
        "林老师写道：",
        "On Mon, 3 May 2026 at 10:00,\nBram <b@uni.example> wrote:",
        "On Mon, 3 May 2026 at 10:00, Bram Visser\n<b@uni.example> wrote:",
        "On Mon, 3 May 2026 at 10:00,\nBram Visser\n<b@uni.example> wrote:",
        "On 03/05/2026 10:00, Bram Visser\nwrote:",
        "Le lun. 3 mai 2026 à 10:00,\nBram <b@uni.example> a écrit :",
        "Am Mo., 3. Mai 2026 um 10:00 Uhr schrieb Bram\n<b@uni.example>:",
        "मंगल, 3 मार्च 2026 को 10:14 बजे\nBram <b@uni.example> ने लिखा:",
        "Bram <b@uni.example>\n于2026年3月3日周二 10:14写道：",
    ],
)
def test_a_mail_programs_line_may_lack_a_date_or_be_wrapped(wrote):
    lines = "<br>".join(wrote.replace("<", "&lt;").replace(">", "&gt;").split("\n"))
    assert own_words(f"<p>mine</p><p>{lines}</p><p>secret</p><p>secret too</p>") == "mine"
    assert own_words(f"<p>mine</p><p>{lines}</p><p>&gt; secret</p><p>mine too</p>") == "mine\nmine too"


@pytest.mark.parametrize("half", [one.rpartition("Hannah") for one in WROTE if not one.startswith("Hannah")])
def test_a_mail_programs_line_may_be_wrapped_before_the_name_in_every_language(half):
    before, name, after = half
    lines = f"{before}<br>{name}{after.replace('<', '&lt;').replace('>', '&gt;')}"
    assert own_words(f"<p>mine</p><p>{lines}</p><p>secret</p>") == "mine"


@pytest.mark.parametrize(("sender", "then"), HEADED)
def test_what_stands_under_the_head_of_a_mail_is_not_the_authors(sender, then):
    assert own_words(f"<p>mine</p><p>{sender}<br>{then}<br>secret</p><p>secret</p>") == "mine"


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Mensaje original-----",
        "-----Message d'origine-----",
        "-----Messaggio originale-----",
        "-----Mensagem original-----",
        "-----原始邮件-----",
        "-----الرسالة الأصلية-----",
        "-----मूल संदेश-----",
        "-----Thư gốc-----",
        "---------- Forwarded message ---------",
    ],
)
def test_nothing_under_an_original_message_is_the_authors(mark):
    assert own_words(f"<p>mine</p><p>{mark}</p><p>secret</p>") == "mine"


@pytest.mark.parametrize(
    "html",
    [
        "<p>&gt; <b>secret</b></p><p>mine</p>",
        "<pre>&gt; secret\n&gt; <i>secret</i>\nmine</pre>",
        "<div class='gmail_quote_container'>secret</div>mine",
        "<div class='yahoo_quoted'>secret</div>mine",
        "<blockquote type='cite' class='protonmail_quote'>secret</blockquote>mine",
        "mine<div id='divRplyFwdMsg'>From: secret</div><div>secret</div>",
        "＞ secret<br>mine",
    ],
)
def test_quotations_of_other_programs_go(html):
    assert own_words(html) == "mine"


@pytest.mark.parametrize(
    "html",
    [
        "<div class='text_to_html'><p dir='ltr' style='text-align:left'>mine</p></div>",
        "<p>mine <a href='https://m.example/pluginfile.php/31/mod_forum/attachment/5/x.docx'>secret.docx</a></p>",
        "<p>mine <a href='@@PLUGINFILE@@/secret.pdf'>secret.pdf</a></p>",
        "<p>mine</p><div class='attachedimages'><img alt='secret'></div>",
        "<div class='h5p-placeholder'>https://secret</div><p>mine</p>",
        "<p>mine<span class='accesshide'>secret</span></p>",
        "<p>mine <a class='instructure_file_link instructure_scribd_file' title='secret' "
        "href='https://c.example/courses/1/files/2?wrap=1'>secret.pdf</a></p>",
        "<p>mine <a href='/courses/1/files/22/download'>secret.pdf</a></p>",
        "<p>mine</p><p><iframe class='lti-embed' src='secret' title='secret'></iframe></p>",
        "<link rel='stylesheet' href='https://c.example/secret.css'><p>mine</p><script src='secret.js'></script>",
    ],
)
def test_what_moodle_and_canvas_add_goes_and_the_words_stay(html):
    assert own_words(html) == "mine"


@pytest.mark.parametrize(
    "words",
    [
        "As I wrote: it is the base case.",
        "From: the first line to the last\nI read it",
        "De: is a word in French",
        "My question:\nwhy?",
        "This week was fine.\nIn week 2 I wrote:\nrecursion is hard",
        "On 3 May at 10:14 I also wrote:\nrecursion is hard",
        "Am 3. Mai schrieb ich:\nRekursion ist schwer",
        "मैंने लिखा:\nपुनरावृत्ति",
        "On page 3 Knuth writes:\nit is the base case",
        "Knuth writes:\nit is the base case",
        "In section 2.13 the book writes:\nit is the base case",
        "In chapter 2 Knuth (1998) wrote:\nit is the base case",
        "At 10:14 she rewrote the loop as follows:\nfor x in y",
        "On 3 May we began with trees\nand then the book writes:\nit is the base case",
        "x > 3 and y",
        "- - - a line of my own",
        "At 10:14 I had it, and this is what it said",
    ],
)
def test_own_words_that_look_like_a_mail_stay(words):
    assert own_words("<p>" + words.replace(">", "&gt;").replace("\n", "<br>") + "</p>") == words


def test_invisible_characters_do_not_hide_a_name():
    assert own_words("An\u00adn\u200ba \u061cMa\U000e0041ria") == "Anna Maria"


AROUND = [
    "<div>",
    "</div>",
    "<b>",
    "</p>",
    "<p>",
    "<table>",
    "<td>",
    "&gt;",
    "\u202e",
    "\n",
    "<a href=x>",
    "x",
]
INSIDE = ["<b>", "<p>", "&gt;", "\u202e", "\n", "<a href=x>", "x", "<div>", "<i", "&lt;/blockquote&gt;"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(AROUND), max_size=25).map("".join),
    st.lists(st.sampled_from(INSIDE), max_size=25).map("".join),
    st.sampled_from(["<blockquote>{}</blockquote>", "<div class=gmail_quote>{}</div>"]),
)
def test_a_quotation_never_comes_out_whatever_stands_around_and_inside(around, inside, quotation):
    words = own_words(around + quotation.format(f"{inside}>zqsecret{inside}") + around)
    assert "zqsecret" not in words
    assert not CONTROL.search(words)


HURTING = ["De: x<br>", "&gt; ", "<i class=quote>", "On 1 wrote:<br>", "\n", "<b id=appendonsend>"]


@pytest.mark.parametrize("unit", HURTING)
def test_quotations_without_end_take_little_time(unit):
    start = time.process_time()
    own_words(unit * (400_000 // len(unit)))
    assert time.process_time() - start < 5
