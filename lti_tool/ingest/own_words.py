"""From the HTML of a post to its author's own words as plain text (P1, P21, S28, S31).

Other people's words (block quotes, "> " lines, what follows "On … wrote:"), scripts, styles, media and attachments
are dropped.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lti_tool.ingest.quotations import MARKED_LINE, QUOTED, REST_IS_QUOTED, without_quotations

MOST_CHARACTERS = 20_000
MOST_HTML = 400_000
"""Enough markup for the longest text that is kept; what lies behind it is not parsed."""
MOST_TAGS = 20_000
"""Beyond this a page is made to hurt: a parser's work on nested or misnested tags grows with their square."""

_DROPPED = """
script style template noscript noframes noembed iframe object embed applet svg math audio video picture img
canvas map figure form button select textarea input head title q cite xmp plaintext
"""
_QUOTING_CLASSES = """
quote quoted gmail_quote gmail_quote_container forum-quote quotedtext yahoo_quoted protonmail_quote zmail_extra
tutanota_quote moz-cite-prefix gmail_attr quoteheader
"""
_DROPPED_CLASSES = """
attachedimages attachments instructure_file_link instructure_file_link_holder instructure_inline_media_comment
lti-embed h5p-placeholder mediaplugin sr-only visually-hidden accesshide
"""
ATTACHED = ("@@pluginfile@@", "/pluginfile.php/", "/draftfile.php/")
CANVAS_FILE = re.compile(r"/files/\d{1,20}(?:/|\?|$)")
"""Links to files in the LMS: what stands on them is a file's name."""
_BLOCKS = """
address article aside br center dd details div dl dt fieldset footer h1 h2 h3 h4 h5 h6 header hr li main nav
ol p pre section summary table tbody thead tr ul
"""
DROPPED = frozenset([*_DROPPED.split(), "-comment", "!doctype"])
DROPPED_CLASSES = frozenset(_DROPPED_CLASSES.split())
QUOTING_CLASSES = frozenset(_QUOTING_CLASSES.split())
REPLY_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "reply-intro"})
"""What Outlook writes above the mail that is answered."""
BLOCKS = frozenset(_BLOCKS.split())
CELLS = frozenset({"td", "th"})

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Control, invisible and bidi-override characters; the joiners U+200C and U+200D stay, since scripts need them."""


def own_words(html: str) -> str:
    """Plain text of at most 20 000 characters: paragraphs as lines, NFC, without quotes; "" when none is left.

    It is text, not HTML: `&lt;b&gt;` becomes `<b>`, so pages must escape it as they escape any text (S28).
    """
    html = html[:MOST_HTML]
    if html.count("<") > MOST_TAGS:
        html = "<".join(html.split("<", MOST_TAGS)[:MOST_TAGS])
    root = LexborHTMLParser(f"<body>{html}").root
    return tidy("".join(_pieces(root)) if root is not None else "")


def tidy(text: str) -> str:
    """NFC, one kind of space, no control or bidi characters, no quoted lines, at most 20 000 characters."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).split("\n"))
    return "\n".join(without_quotations(line for line in lines if line))[:MOST_CHARACTERS].strip()


def _pieces(root: LexborNode) -> Iterator[str]:
    """Texts in reading order with line breaks around blocks; without recursion, since markup may be deep."""
    node: LexborNode | None = root
    while node is not None:
        quoting = _quoting(node)
        kept = not quoting and not _dropped(node)
        if kept:
            yield _text_or_break(node)
        elif quoting:
            yield f"\n{QUOTED}\n"
        if kept and node.child is not None:
            node = node.child
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield _break(node)
        node = node.next if node is not None else None


def _quoting(node: LexborNode) -> bool:
    """Whether somebody else speaks in it; a mark stays where it was."""
    if node.tag == "blockquote":
        return True
    attributes = node.attributes if node.tag != "-text" else None
    if not attributes:
        return False
    classes = (attributes.get("class") or "").lower().split()
    return not QUOTING_CLASSES.isdisjoint(classes) or (attributes.get("type") or "").lower() == "cite"


def _dropped(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in DROPPED:
        return True
    if tag == "-text":
        return False
    attributes = node.attributes
    if not attributes:
        return False
    classes = (attributes.get("class") or "").lower().split()
    return (
        "hidden" in attributes
        or not DROPPED_CLASSES.isdisjoint(classes)
        or (tag == "a" and _attached(attributes))
    )


def _attached(attributes: Mapping[str, str | None]) -> bool:
    address = (attributes.get("href") or "").lower()
    return any(part in address for part in ATTACHED) or CANVAS_FILE.search(address) is not None


def _text_or_break(node: LexborNode) -> str:
    if node.tag == "-text":
        text = node.text_content or ""
        lined = MARKED_LINE.search(text) or (node.parent is not None and node.parent.tag == "pre")
        return text if lined else text.replace("\n", " ")
    if ((node.attributes or {}).get("id") or "").lower() in REPLY_IDS:
        return f"\n{REST_IS_QUOTED}\n"
    return _break(node)


def _break(node: LexborNode) -> str:
    if node.tag in BLOCKS:
        return "\n"
    return " " if node.tag in CELLS else ""
