"""Between what a person types and what an LMS stores: text to simple HTML and back."""

import re
from html import unescape

from markupsafe import escape

LANGUAGES = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "zh": "中文",
}


def as_html(text: str) -> str:
    """Paragraphs of escaped text, as an LMS editor makes them; empty for blank text."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return "".join(f"<p>{escape(part)}</p>".replace("\n", "<br>") for part in paragraphs if part)


def as_text(html: str) -> str:
    """The words of stored HTML, a blank line between paragraphs."""
    broken = re.sub(r"<br\s*/?>", "\n", re.sub(r"</(p|li|ul|ol|blockquote)>\s*", "\n\n", html))
    lines = [unescape(re.sub(r"<[^>]*>", "", line)).strip() for line in broken.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
