"""What stands behind a finding: its authors by the rows of their texts, and the page of examples as it reads."""

from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode
from sqlalchemy import func, select

from lti_tool.demo.browser import Browser, Page, UnexpectedPageError
from lti_tool.demo.pair import Pair
from lti_tool.ingest.tables import Post
from lti_tool.insights.snapshot import Finding


@dataclass(frozen=True)
class Examples:
    """A page of examples: the finding's headline and the texts that are quoted."""

    headline: str
    quoted: tuple[str, ...]


def authors(pair: Pair, finding: Finding) -> int:
    """How many people wrote the texts that the finding names, counted in the rows of the texts themselves.

    The finding's own number is rounded, and is never under the smallest group: it cannot be wrong by itself.
    """
    named = {*finding.examples, *(post for phrase in finding.phrases for post in phrase.posts)}
    with pair.installation.database.reading() as session:
        query = select(func.count(Post.person_id.distinct())).where(Post.id.in_(named))
        return session.scalars(query).one()


def examples(browser: Browser, overview: Page, finding: Finding) -> Examples:
    """Follow the finding's own link; UnexpectedPageError unless it leads to its headline and a quoted text."""
    address, headline = _link(overview, finding)
    page = browser.get(address)
    lead = page.tree.css_first(".lead-words")
    if page.status != 200 or lead is None or headline not in _words(lead):
        raise UnexpectedPageError(f"The examples of “{headline}” do not open under this headline.")
    quoted = tuple(filter(None, map(_words, page.tree.css("main blockquote"))))
    if not quoted:
        raise UnexpectedPageError(f"No text is quoted behind “{headline}”.")
    return Examples(headline, quoted)


def _link(overview: Page, finding: Finding) -> tuple[str, str]:
    """The address of the finding's examples and its headline, as they stand in its row of the overview."""
    for row in overview.tree.css(".finding"):
        link, headline = row.css_first(f"a[href$='/findings/{finding.id}']"), row.css_first("strong")
        if link and headline and _words(headline) and finding.place.name in _words(headline):
            return urljoin(overview.url, link.attributes["href"] or ""), _words(headline)
    raise UnexpectedPageError(f"No row of “{finding.id}” with its examples on the page “{overview.title}”.")


def _words(node: LexborNode) -> str:
    return " ".join(node.text().split())
