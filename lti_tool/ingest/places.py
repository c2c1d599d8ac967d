"""Street addresses in the languages that are read → [ADDRESS], where a house number stands with the street (P31).

Towns, schools and employers stay: they are many people's, and no list of them would end.
"""

import re

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽƠƯĐ][^\W\d_]*[.'’]?"
_SMALL = r"(?:(?:de[ ]la|de[ ]los|de[ ]las|del|de|da|do|dos|das|della|dei|di|la|los)[ ])"
_HOUSE = r"\d{1,5}(?:[ ]?[a-zA-Z](?![\w]))?"
_ENGLISH = (
    rf"(?<!\w)\d{{1,5}}[A-Za-z]?[ ](?:{_CAPITAL}[ ]){{1,3}}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd|Crescent|Terrace|Square|Gardens)(?!\w)"
)
_GERMAN = (
    r"(?<!\w)(?!Lösungsweg|Rechenweg|Umweg|Ausweg|Denkweg|Lernweg|Suchweg|Zählweg|Heimweg)"
    r"(?:[A-ZÄÖÜ][a-zäöüß-]{2,30}(?:straße|strasse|str\.|weg|gasse|allee|straat|laan|plein|gracht))"
    rf"[ ]?{_HOUSE}"
)
_SPANISH_ITALIAN_PORTUGUESE = (
    r"(?<!\w)(?:[Cc]alle|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Rr]ua|[Tt]ravessa|[Pp]raça|[Vv]iale|[Pp]iazza|"
    r"[Cc]orso|[Vv]ia(?![ ](?:Zoom|Teams|Moodle|Mail|Email|Discord)))"
    rf"[ ]{_SMALL}?{_CAPITAL}(?:[ ]{_SMALL}?{_CAPITAL}){{0,3}},?[ ](?:n[.º°][ ]?)?{_HOUSE}"
)
_FRENCH = (
    r"(?<!\w)\d{1,4}(?:[ ](?:bis|ter))?,?[ ](?:rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai)[ ]"
    rf"(?:de[ ]la[ ]|des[ ]|du[ ]|de[ ]|d['’]|l['’])?{_CAPITAL}(?:[ -]{_CAPITAL}){{0,2}}"
)
_CHINESE = (
    r"[^\W\d_a-zA-Z在住到是于去来我你他她的][\u4e00-\u9fff]{1,3}?(?:路|街|大道|巷)"
    r"\d{1,5}[号號](?:\d{1,4}[室栋楼])?"
)
_ARABIC = r"(?<!\w)شارع[ ](?:[\u0621-\u064a]+[ ]){1,3}[\d٠-٩]{1,4}"
_VIETNAMESE = rf"(?<!\w)(?:[Ss]ố[ ])?\d{{1,4}}[a-zA-Z]?[ ]đường[ ]{_CAPITAL}(?:[ ]{_CAPITAL}){{0,3}}"
STREET = re.compile(
    "|".join((_ENGLISH, _GERMAN, _SPANISH_ITALIAN_PORTUGUESE, _FRENCH, _CHINESE, _ARABIC, _VIETNAMESE))
)


def replace_streets(text: str) -> str:
    """The text with a street and its house number replaced by [ADDRESS]."""
    return STREET.sub("[ADDRESS]", text)
