"""Links and host names → [LINK], with or without "https://", in linear time (S31).

A host is told from code, file names and a full stop without a space by its last label: some endings are words of no
language that is read, others need a third label or a path.
"""

import re

LETTERS = "A-Za-zªºÀ-ÖØ-öø-ʯ\u0300-\u03ff\u0400-\u052fḀ-ỿＡ-Ｚａ-ｚ"
"""Of the scripts whose letters belong to an id or address beside them; ideographs and kana do not."""
WORD = rf"\d{LETTERS}"
IN_LINK = r"[^\s<>\"“”„«»，。；：！？、（）【】《》「」『』]"
LINK = re.compile(
    rf"(?<![{WORD}])(?:[a-z][a-z0-9+]{{1,9}}://|www\.(?=[{WORD}])){IN_LINK}+|(?<![{WORD}])(?:mailto|tel):(?=[+\d]){IN_LINK}+",
    re.IGNORECASE,
)
LINK_END = ".,;:!?)]}'’»”`*_~…"
HOST = re.compile(rf"(?<![{WORD}_@＠])(?<![{WORD}_][-.])[{WORD}_][{WORD}_-]*(?:\.[{WORD}_][{WORD}_-]*)+")
AFTER_HOST = re.compile(rf"(?::\d{{1,5}}(?!\d))?(?:[/?#]{IN_LINK}*)?")
PATH = re.compile(r"(?::\d{1,5})?/")
NO_PATH = re.compile(rf"\d{{0,9}}[{re.escape(LINK_END)}]{{0,4}}(?!{IN_LINK})")
"""A fraction ("a.length/2"), or nothing."""
INCLUSIVE = re.compile(r"[^\W\d_]{1,30}\.e?s?\b")
"""étudiant.es/enseignant.es"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


SURE_ENDINGS = _set(
    "com org net edu gov info biz xyz uk ch cz hu dk nl br mx cn jp kr ru ua tw hk vn fr nz cl uy gr pk ly ac"
)
"""No word of the languages that are read, so that two labels make a host ("bit.ly")."""
UNSURE_ENDINGS = _set(
    "de it es at be se no ca au ie in eu me co tv io ai app dev us pl pt sa il ar za fi is example site online tech "
    "blog cloud page link wiki space academy school"
)
"""Also words, attributes or file names: a host from three labels on, or with a path."""
SECOND_LEVEL = _set("ac co com edu gov org net")
UNIVERSITY = re.compile(r"(?:uni|univ|tu|th|fh|hs)-", re.IGNORECASE)
FILE_ENDINGS = _set(
    "js jsx ts tsx java cpp hpp cs html htm css scss csv tsv txt pdf doc docx odt ppt pptx xls xlsx json ipynb sql php "
    "rb go kt swift jpg jpeg png gif svg mp mp3 mp4 wav zip tar gz xml yml yaml toml ini jar class exe dll log tex bib "
    "conf cfg dat bin out asm bat lua vue lock env"
)
FILE_AND_COUNTRY = _set("py md rs sh pl pt cc ps pm")
WORDS = _set(
    "a an and any are as but by can did do does done each either else even every for from get go had has have he her "
    "here hers him his how i if input into its just like may more most much must my never new nor not now of off ok on "
    "one only or other our out output over see set she should some such than that the their them then there these they "
    "this those though time too true false two under until up very was we were what when where which while who why "
    "will with would yes yet you your maybe also because after before however hence thus "
    "aber als auch auf aus bei bis dann das dem den der des die doch du ein eine einen er etwas für haben ich ihr im "
    "innen ist ja kein mal man mein mit nach nein nicht noch nur ob oder sehr sein sich sie sind und uns von vor war "
    "was wenn wer wie wir wo zu zum zur "
    "al ante con cuando del el ella ellos en entre era esta este esto fue ha hay la las le les lo los más mi muy ni "
    "nos o para pero por que qué se ser si sí sin sobre son su también te tu un una uno y ya yo "
    "alors au aux avec ce ces cette dans des donc du elle elles est et eux il ils je leur lui ma mais même mes mon ne "
    "non nous on ou où par pas plus pour quand qui sa ses soi sont sur ta tes toi ton tous tout très une vos votre "
    "vous anche che chi come cosa da dal della di dove gli ho io loro lui mai ma ne noi nel nella per perché più poi "
    "quando questa questo sei sempre sono sua suo tutto vi voi "
    "ao aos as com da das do dos ela ele elas eles em essa esse foi isso isto já mas mais meu minha na nas nem "
    "no não nós os ou pela pelo porque quando quem seu sua também tem uma você"
)
"""After a full stop without a space, or on either side of "and/or"."""
CODE = _set(
    "left right next prev previous parent child children root head tail length size count value values key keys data "
    "items item index name type state append extend push pop add remove insert get put peek sort sum min max mean std "
    "shape dtype start end first last width height print println printf format text util lang main x y z"
)
OBJECTS = _set(
    "self this super cls np pd plt df os sys math node root tree list arr array stack queue head obj std"
)
PACKAGES = _set("com org io net java javax kotlin scala std")
PRODUCTS = _set("asp.net ado.net vb.net ml.net java.net self.net df.info draw.io socket.io")


def replace_links(text: str) -> str:
    """The text with links and host names replaced by [LINK]."""
    return _replace_hosts(LINK.sub(_link, text))


def _link(found: re.Match[str]) -> str:
    return "[LINK]" + found[0][len(_without_end(found[0])) :]


def _without_end(link: str) -> str:
    """The link without what belongs to the sentence around it."""
    return re.sub("['’]s$", "", link.rstrip(LINK_END)).rstrip(LINK_END)


def _replace_hosts(text: str) -> str:
    """Addresses without "https://" or "www.": hosts with a path, and bare ones with a well-known ending."""
    pieces, copied, place = [], 0, 0
    while found := HOST.search(text, place):
        start, place = found.span()
        end = _host_end(text, start, place)
        if end > start:
            pieces += [text[copied:start], "[LINK]"]
            copied = place = end
    return "".join([*pieces, text[copied:]])


def _host_end(text: str, start: int, end: int) -> int:
    """Where the address ends that begins at `start`, or `start` where there is none."""
    labels = text[start:end].rstrip("-_").split(".")
    path = PATH.match(text, end)
    if (path and _has_host_with_path(labels, text, path.end())) or (
        not text.startswith("(", end) and _is_bare_host(labels, len(labels))
    ):
        tail = AFTER_HOST.match(text, end)
        return end + len(_without_end(tail[0]) if tail else "")
    for count in range(len(labels) - 1, 1, -1):  # "ellerby.com.Thanks"
        if _is_bare_host(labels, count):
            return start + sum(map(len, labels[:count])) + count - 1
    return start


def _is_ending(label: str) -> bool:
    """Letters alone in one case: "It" and "getValue" end no host."""
    return len(label) >= 2 and label.isalpha() and (label.islower() or label.isupper())


def _has_host_with_path(labels: list[str], text: str, path: int) -> bool:
    """Whether it is one, with the path from `path` on; only a few characters of that are looked at."""
    first, last, count = labels[0].lower(), labels[-1].lower(), len(labels)
    if not _is_ending(labels[-1]) or last in FILE_ENDINGS or _is_code(first, last, count):
        return False
    if last in FILE_AND_COUNTRY and count == 2:
        return False
    if last in SURE_ENDINGS or last in UNSURE_ENDINGS:
        return not (last == "es" and INCLUSIVE.match(text, path))
    if last in WORDS or last in CODE or first in OBJECTS or (count == 2 and len(first) == 1):
        return False
    return count > 2 or not (first.isdigit() or NO_PATH.match(text, path))


def _is_bare_host(labels: list[str], count: int) -> bool:
    first, before, last = labels[0].lower(), labels[count - 2].lower(), labels[count - 1].lower()
    if not _is_ending(labels[count - 1]) or _is_code(first, last, count) or first.isdigit():
        return False
    if last in SURE_ENDINGS or (count > 2 and len(last) == 2 and before in SECOND_LEVEL):
        return True
    if last in UNSURE_ENDINGS:
        return (count > 2 and len(before) > 1) or bool(UNIVERSITY.match(before))
    return False


def _is_code(first: str, last: str, count: int) -> bool:
    """java.io, com.example.app, ASP.NET"""
    return (first in PACKAGES and last != "com") or (count == 2 and f"{first}.{last}" in PRODUCTS)
