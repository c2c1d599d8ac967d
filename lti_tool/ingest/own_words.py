"""From the HTML of a post to its author's own words as plain text (P1, P21, S28, S31).

Other people's words (block quotes, "> " lines, "On … wrote:"), scripts, styles, media and attachments are
dropped.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_CHARACTERS = 20_000
MOST_HTML = 400_000
"""Enough markup for the longest text that is kept; what lies behind it is not parsed."""
MOST_TAGS = 20_000
"""Beyond this a page is made to hurt: a parser's work on nested or misnested tags grows with their square."""

_DROPPED = """
script style template noscript noframes noembed iframe object embed applet svg math audio video picture img
canvas map figure form button select textarea input head title blockquote q cite xmp plaintext
"""
_DROPPED_CLASSES = """
quote quoted gmail_quote gmail_attr quoteheader moz-cite-prefix forum-quote quotedtext attachedimages
attachments instructure_file_link
"""
_BLOCKS = """
address article aside br center dd details div dl dt fieldset footer h1 h2 h3 h4 h5 h6 header hr li main nav
ol p pre section summary table tbody thead tr ul
"""
DROPPED = frozenset([*_DROPPED.split(), "-comment", "!doctype"])
DROPPED_CLASSES = frozenset(_DROPPED_CLASSES.split())
BLOCKS = frozenset(_BLOCKS.split())
CELLS = frozenset({"td", "th"})

WRITING = "wrote|writes|schrieb|escribió|a écrit|ha scritto|schreef|escreveu|写道|написала?"
QUOTE_START = re.compile(
    rf"^(?:(?:On|Am|El|Le|Il|Op|Em)\s.{{3,200}}|[^.!?]{{1,60}})\s?(?:{WRITING})\s?[:：]$"
    "|^-{2,5}\\s?(?:Original Message|Forwarded)",
    re.IGNORECASE,
)
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
"""Control and bidi-override characters; the joiners U+200C and U+200D stay, since scripts need them."""


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
    return "\n".join(_own(lines))[:MOST_CHARACTERS].strip()


def _own(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are not a quotation, nor a mail program's line above one."""
    for line in lines:
        if line and not line.startswith(">") and not (len(line) <= 250 and QUOTE_START.search(line)):
            yield line


def _pieces(root: LexborNode) -> Iterator[str]:
    """Texts in reading order with line breaks around blocks; without recursion, since markup may be deep."""
    node: LexborNode | None = root
    while node is not None:
        kept = not _dropped(node)
        if kept:
            yield _text_or_break(node)
        if kept and node.child is not None:
            node = node.child
            continue
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield _break(node)
        node = node.next if node is not None else None


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
    return "hidden" in attributes or not DROPPED_CLASSES.isdisjoint(classes)


def _text_or_break(node: LexborNode) -> str:
    if node.tag == "-text":
        lines = (node.text_content or "").split("\n")
        return " ".join(line for line in lines if not line.lstrip().startswith(">"))
    return _break(node)


def _break(node: LexborNode) -> str:
    if node.tag in BLOCKS:
        return "\n"
    return " " if node.tag in CELLS else ""
