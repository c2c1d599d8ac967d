"""HTML of a post becomes its author's own words, whatever the HTML is."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.ingest.own_words import BLOCKS, CONTROL, DROPPED, MOST_CHARACTERS, own_words


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("a &amp; b &lt;3 &nbsp; c", "a & b <3 c"),
        ("log<sub>2</sub> n = <code>n - 1</code>", "log2 n = n - 1"),
        ("n &gt; 3 and x &lt; 5", "n > 3 and x < 5"),
        ("e\u0301tude", "étude"),
        ("plain words,\nno tags", "plain words, no tags"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_markup_becomes_plain_text(html, words):
    assert own_words(html) == words


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote><p>secret</p></blockquote><p>mine</p>",
        "<p>&gt; secret<br>&gt;&gt; secret<br>mine</p>",
        "<p>On Tue, 3 Mar 2026, Hannah Ashgrove wrote:</p><blockquote>secret</blockquote><p>mine</p>",
        "<div class='gmail_quote'><div>secret</div></div>mine",
        "<p>Hannah schrieb:</p><p>&gt; secret</p><p>mine</p>",
        "> secret\n> secret\nmine",
        "<p>mine</p><blockquote>secret <blockquote>secret</blockquote> secret</blockquote>",
        "<q>secret</q> mine",
        "<p hidden>secret</p>mine",
    ],
)
def test_p21_other_peoples_words_are_dropped(html):
    assert own_words(html) == "mine"


@pytest.mark.parametrize(
    "html",
    [
        "<script>secret</script>mine",
        "<style>secret</style>mine",
        "<svg><style><img src=x onerror=secret></style></svg>mine",
        "<math><mtext><img title='secret'></mtext></math>mine",
        "<img alt='secret' src='data:secret'>mine",
        "<video><source src='secret'>secret</video>mine",
        "<iframe srcdoc='secret'></iframe>mine",
        "<a href='https://secret.example'>mine</a>",
        "<!-- secret -->mine",
        "<template>secret</template>mine",
        "<noscript>secret</noscript>mine",
        "<div class='attachedimages'>secret</div>mine",
    ],
)
def test_p1_scripts_media_and_attachments_are_dropped(html):
    assert own_words(html) == "mine"


def test_control_and_bidi_override_characters_are_removed_but_joiners_stay():
    assert own_words("a\u202eb\u2066c\x00d\u200fe\ufeff") == "abcde"
    assert own_words("می\u200cخواهم") == "می\u200cخواهم"


def test_escaped_markup_stays_text():
    assert own_words("&lt;script&gt;alert(1)&lt;/script&gt;") == "<script>alert(1)</script>"


PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(sorted(DROPPED | BLOCKS)).flatmap(
        lambda tag: st.sampled_from([f"<{tag}>", f"</{tag}>", f"<{tag} class=quote hidden>", f"<{tag}/>"])
    ),
    st.sampled_from(
        ["<b><p>", "</a", "<!--", "-->", "<![CDATA[", "&#x202e;", "&lt", "&#0;", "<td>", "\x00", "&gt; "]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_hostile_html_gives_clean_text_and_no_error(html):
    words = own_words(html)
    assert len(words) <= MOST_CHARACTERS
    assert not CONTROL.search(words)
    assert words == words.strip()
    assert "\n\n" not in words
    assert unicodedata.is_normalized("NFC", words)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_what_stands_in_a_block_quote_never_comes_out(html):
    assert "zqsecret" not in own_words(f"<p>{html.replace('<', '')}</p><blockquote>zqsecret</blockquote>")


@pytest.mark.parametrize(
    "html",
    [
        "<p>" + "word " * 200_000 + "</p>",
        "<div>" * 80_000 + "deep",
        "<b><p>" * 60_000 + "x",
        "<a href=1>" * 60_000,
        "<table>" * 60_000 + "x",
        "<" * 1_000_000,
        "&#x202e;a" * 100_000,
        "<p " + "a=1 " * 100_000 + ">x",
        "> " * 300_000,
        ("a" * 249 + " wrote") * 3_000,
        "<blockquote>" * 60_000,
    ],
    ids=range(11),
)
def test_a_megabyte_that_is_made_to_hurt_takes_little_time(html):
    start = time.process_time()
    assert len(own_words(html)) <= MOST_CHARACTERS
    assert time.process_time() - start < 5
