"""Writes lti_tool/ingest/known_words.txt: words of the starter corpus's training texts that name nobody.

`python scripts/known_words.py`. Words written small somewhere, as they are and folded, and German nouns that occur
twice, folded. Texts that are held out are not read, so that the words lost there can be measured.
"""

from collections import Counter
from pathlib import Path

from lti_tool.ingest.folding import fold
from lti_tool.ingest.names import ATOM
from model import starter

FILE = Path("lti_tool/ingest/known_words.txt")
SHORTEST = 3


def main() -> None:
    small, nouns = set(), Counter()
    for row in (row for part in ("train", "multilingual") for row in starter.load(part)):
        for word in ATOM.findall(row["text"]):
            if word == word.lower():
                small |= {word, fold(word)}
            elif row["lang"] == "de" and word[1:].islower():
                nouns[fold(word)] += 1
    words = small | {word for word, count in nouns.items() if count > 1}
    FILE.write_text("\n".join(sorted(word for word in words if len(word) >= SHORTEST)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
