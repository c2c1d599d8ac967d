"""No group of texts gives away fewer than k authors, alone or by subtraction (P49, P50)."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.insights.figures import showable

K = 5


@st.composite
def groups(draw):
    """A group of texts and a wider one that holds it; the first authors have B."""
    authors = draw(st.lists(st.integers(0, 15), min_size=1, max_size=60))
    border = draw(st.integers(0, 15))
    wider = [
        SimpleNamespace(id=str(place), author=str(author), has_b=author < border)
        for place, author in enumerate(authors)
    ]
    part = draw(st.lists(st.sampled_from(wider), unique_by=lambda text: text.id, max_size=60))
    return part, wider


def hidden(texts):
    return {text.author for text in texts if not text.has_b}


@given(groups())
def test_every_shown_group_has_k_authors_and_none_or_k_without_b(pair):
    shown = showable(pair[0], K)
    if shown is not None:
        assert len({text.author for text in shown}) >= K
        assert len(hidden(shown)) == 0 or len(hidden(shown)) >= K


@given(groups())
def test_no_author_gives_over_half_of_a_shown_group(pair):
    shown = showable(pair[0], K)
    if shown is not None:
        authors = [text.author for text in shown]
        assert all(authors.count(one) * 2 <= len(authors) for one in authors)


@given(groups())
def test_what_a_wider_figure_has_besides_is_nobody_or_k(pair):
    part, wider = pair
    whole = showable(wider, K)
    shown = showable(part, K, [whole] if whole else [])
    if whole and shown and hidden(shown) and hidden(whole):
        besides = hidden([text for text in whole if text not in shown])
        assert not besides or len(besides) >= K


@given(groups())
def test_what_is_left_out_are_only_authors_without_b(pair):
    shown = showable(pair[0], K)
    if shown is not None:
        assert [text for text in pair[0] if text.has_b] == [text for text in shown if text.has_b]
