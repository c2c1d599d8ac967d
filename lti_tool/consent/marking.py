"""What changed between two passages, marked word by word (U14)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup, escape

WORDS = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]+|\s+|.", re.DOTALL)
"""Words, spaces and signs; of scripts that part no words each sign."""

TAGS = {"del": Markup("<del>{}</del>"), "ins": Markup("<ins>{}</ins>")}


@dataclass(frozen=True)
class Marked:
    """As it was with what is gone in <del>, and as it is with what is new in <ins>."""

    before: Markup
    now: Markup


def marked(before: str, now: str) -> Marked:
    """Both passages, safe to be shown."""
    old, new = WORDS.findall(before), WORDS.findall(now)
    gone, new_now = [], []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        gone.append(_part(old[a:b], "del" if kind != "equal" else ""))
        new_now.append(_part(new[c:d], "ins" if kind != "equal" else ""))
    return Marked(Markup("").join(gone), Markup("").join(new_now))


def _part(words: Sequence[str], mark: str) -> Markup:
    text = escape("".join(words))
    return TAGS[mark].format(text) if mark and words else text
