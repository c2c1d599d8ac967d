"""Shares and bands in the reader's language; the keys are those of `disclosure.rules`."""

from flask_babel import gettext as _


def share_word(key: str) -> str:
    """A share in words, to stand before "of": "about half"."""
    words: dict[str, str] = {
        "few": _("hardly any"),
        "about_a_tenth": _("about a tenth"),
        "about_a_sixth": _("about a sixth"),
        "about_a_fifth": _("about a fifth"),
        "about_a_quarter": _("about a quarter"),
        "about_a_third": _("about a third"),
        "about_two_fifths": _("about two fifths"),
        "about_half": _("about half"),
        "about_three_fifths": _("about three fifths"),
        "about_two_thirds": _("about two thirds"),
        "about_three_quarters": _("about three quarters"),
        "about_four_fifths": _("about four fifths"),
        "most": _("most"),
        "nearly_all": _("nearly all"),
    }
    return words[key]


def band_word(key: str) -> str:
    """How much of the class is included: "over three quarters of the class" (P15)."""
    words: dict[str, str] = {
        "under_half": _("under half of the class"),
        "half_to_three_quarters": _("half to three quarters of the class"),
        "over_three_quarters": _("over three quarters of the class"),
    }
    return words[key]
