"""Names in scripts that write no spaces between words, and what people make of them (P31)."""

import re
from collections.abc import Collection, Iterator

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""Scripts that write no spaces between words, and Korean, which joins particles to names."""
TITLES = "(?:同学|老师|教授|先生|女士|小姐|学长|学姐|さん|くん|君|씨|님|군|양)"
_TITLE = re.compile(TITLES)
_HAN = re.compile("[\u4e00-\u9fff]+")
_JAPANESE = ("ちゃん", "くん", "君", "たん", "っち")
_NO_NAMES = """
小时 小時 小学 小學 小心 小组 小組 小说 小說 小于 小於 小数 小數 小姐 小孩 小节 小節 小测 小測 小型 小伙 小看 小声
小路 小山 小计 小结 小白 小文 小事 小车 小鱼 小马 小麦 小龙 小雨 小雪 小花 小草 小明
老师 老師 老是 老实 老板 老家 老公 老婆 老人 老大 老马 老白
"""
NO_NAMES = frozenset(_NO_NAMES.split())


def fond_names(given: str, family: str) -> Iterator[str]:
    """小英, 阿英 and 英英 for 秀英; 小王 and 老王 for 王; 翔ちゃん for 翔太."""
    if _HAN.fullmatch(given):
        made = [start + end for start in "小阿" for end in (given[-1], given[0])] + [given[-1] * 2]
        if len(family) == 1:
            made += [start + family for start in "小老"]
        yield from (name for name in made if name not in NO_NAMES)
    if _HAN.fullmatch(given) or "\u3040" <= given[:1] <= "\u30ff":
        yield from (given[:count] + ending for count in (1, 2) for ending in _JAPANESE)


class UnspacedNames:
    """Replaces such names, the longest that begins at a place first; its time hardly grows with the roster."""

    def __init__(self, names: Collection[str], family_characters: Collection[str]) -> None:
        self._by_first: dict[str, list[str]] = {}
        for name in sorted(names, key=lambda name: (-len(name), name)):
            self._by_first.setdefault(name[0], []).append(name)
        self._titled = frozenset(family_characters)

    def replace(self, text: str, placeholder: str) -> str:
        if not UNSPACED.search(text):
            return text
        pieces, copied, place = [], 0, 0
        while place < len(text):
            end = self._end(text, place)
            if end > place:
                pieces += [text[copied:place], placeholder]
                copied = place = end
            else:
                place += 1
        return "".join([*pieces, text[copied:]])

    def _end(self, text: str, place: int) -> int:
        """Where the name ends that begins at `place`, or `place`."""
        for name in self._by_first.get(text[place], ()):
            if text.startswith(name, place):
                return place + len(name)
        titled = text[place] in self._titled and _TITLE.match(text, place + 1)
        return place + 1 if titled else place
