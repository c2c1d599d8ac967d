"""Labels and certainty in the reader's language. Texts are described, never people (U25)."""

from flask_babel import gettext as _


def label_word(label: str) -> str:
    """A label's name: "confusion"."""
    words: dict[str, str] = {
        "negative": _("negative"),
        "neutral": _("neutral or balanced"),
        "positive": _("positive"),
        "confusion": _("confusion"),
        "frustration": _("frustration"),
        "boredom": _("boredom"),
        "engagement": _("engagement"),
        "enthusiasm": _("enthusiasm"),
        "satisfaction": _("satisfaction"),
        "toxicity": _("hurtful words"),
    }
    return words[label]


def reads_as_word(label: str) -> str:
    """What a text reads as: "confused", to stand after "reads as"."""
    words: dict[str, str] = {
        "negative": _("negative"),
        "neutral": _("neutral or balanced"),
        "positive": _("positive"),
        "confusion": _("confused"),
        "frustration": _("frustrated"),
        "boredom": _("bored"),
        "engagement": _("engaged"),
        "enthusiasm": _("enthusiastic"),
        "satisfaction": _("satisfied"),
        "toxicity": _("hurtful"),
    }
    return words[label]


def certainty_word(certainty: str) -> str:
    """Certainty in three steps, or that a person said so (U24, U39)."""
    words: dict[str, str] = {
        "likely": _("likely"),
        "mixed": _("mixed"),
        "unsure": _("unsure"),
        "by a person": _("corrected by a person"),
    }
    return words[certainty]


def not_scored_word(scorable: str) -> str:
    """Why a text has no labels; empty when it has or will have them (P60, U47)."""
    words: dict[str, str] = {
        "language": _("language not covered yet"),
        "short": _("too short to read"),
    }
    return words.get(scorable, "")
