"""Collect the words of pages and errors, and write the pseudo-locale by which raw strings are found.

Usage: python scripts/messages.py [folder]. Without a folder they go to `build/translations`: the template for
translators is made anew from the code each time, and the pseudo-locale is for tests only. Catalogues of real
languages lie in `lti_tool/translations`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parent.parent
WHAT = ROOT / "lti_tool" / "translations" / "babel.cfg"
PSEUDO = "en_XA"
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}

KEPT = re.compile(r"(%\([a-z_]+\)[sd]|%[sd%]|<[^>]+>|&[a-z]+;)")
"""Placeholders and tags: what a translator leaves as it is."""

SENTENCE = re.compile(r"\S+ .*[.?!]", re.DOTALL)

LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)


def pseudo(words: str) -> str:
    """The words with every letter changed and a third longer, as other languages are; placeholders stay."""
    pieces = KEPT.split(words)
    changed = "".join(
        piece if number % 2 else piece.translate(LETTERS) for number, piece in enumerate(pieces)
    )
    return f"⟦{changed}{'·' * (len(words) // 3)}⟧"


def collect() -> Catalog:
    """Every message of code and templates; the `words` of error classes are marked by where they stand."""
    catalogue = Catalog(project="Undertone", charset="utf-8")
    with WHAT.open() as file:
        methods, _options = parse_mapping_cfg(file)
    for name, line, message, comments, context in extract_from_dir(ROOT, methods, keywords=KEYWORDS):
        catalogue.add(message, None, [(name, line)], auto_comments=comments, context=context)
    for path in sorted((ROOT / "lti_tool").rglob("*.py")):
        for line, words in words_of_errors(path):
            catalogue.add(words, None, [(str(path.relative_to(ROOT)), line)])
    return catalogue


def words_of_errors(path: Path) -> Iterator[tuple[int, str]]:
    """Strings that error pages look up when they are shown: those of `…Error` calls and classes, and `REFUSALS`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            yield from (found for part in node.body if _assigns(part, "words") for found in _sentences(part))
        elif isinstance(node, ast.Call) and _name(node.func).endswith("Error"):
            yield from (found for argument in node.args for found in _sentences(argument))
        elif isinstance(node, ast.stmt) and (_assigns(node, "REFUSALS") or _assigns_sentence(node)):
            yield from _sentences(node)


def _assigns(node: ast.AST, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _assigns_sentence(node: ast.AST) -> bool:
    """A module's constant that holds a sentence, such as the words that several refusals share."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return isinstance(target, ast.Name) and target.id.isupper()


def _sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    pieces = {
        id(piece) for part in ast.walk(node) if isinstance(part, ast.JoinedStr) for piece in part.values
    }
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in pieces:
            yield from [(part.lineno, part.value)] if SENTENCE.fullmatch(part.value) else []


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def write(folder: Path, catalogue: Catalog | None = None) -> Catalog:
    """Write the template of the messages, of all unless some are given, and the pseudo-locale under `folder`."""
    catalogue = catalogue or collect()
    made = Catalog(locale="en", project="Undertone", charset="utf-8")
    for message in catalogue:
        if message.id:
            several = isinstance(message.id, tuple)
            made.add(message.id, tuple(map(pseudo, message.id)) if several else pseudo(message.id))
    place = folder / PSEUDO / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, made)
    with (folder / "messages.pot").open("wb") as file:
        write_po(file, catalogue, sort_output=True, omit_header=True)
    return catalogue


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "translations"
    print(f"{len(write(target))} messages in {target}")
