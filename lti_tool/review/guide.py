"""What each label means, in the words shown to whoever corrects: the labelling guide, one key away (U36)."""

from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True)
class Entry:
    """When a label is chosen and when not, each with words a student might write."""

    label: str
    yes: str
    no: str


def sentiment_guide() -> tuple[Entry, ...]:
    return (
        Entry("negative", _("Mainly negative; also a plain “I did not understand this”."), ""),
        Entry("neutral", _("Facts, plain questions, fragments, or good and bad in balance."), ""),
        Entry("positive", _("Mainly positive, even when something was hard on the way."), ""),
    )


def emotion_guide() -> tuple[Entry, ...]:
    return (
        Entry(
            "confusion",
            _("They do not understand, or are unsure of what they need to go on: “Why would that be 0?”"),
            _("“Nothing was confusing”, thanks for something now clear, a question about a date."),
        ),
        Entry(
            "frustration",
            _("Irritated, stuck with distress, or held up by something unfair: “Third evening on part b.”"),
            _("A cool judgement (“awful course”), or difficulty told calmly (“this one was hard”)."),
        ),
        Entry(
            "boredom",
            _("Dull, tedious or too easy, in their own course: “Finished in five minutes and waited.”"),
            _("“Nothing stood out”, or boredom of other people."),
        ),
        Entry(
            "engagement",
            _("Interest, curiosity, absorbed in the matter: “I kept wondering why it works.”"),
            _("A long or busy text; praise of a teacher without interest in the matter."),
        ),
        Entry(
            "enthusiasm",
            _("Engagement told with force: “Cannot wait for the next lab!!” It includes engagement."),
            _("Calm interest, politeness, thanks."),
        ),
        Entry(
            "satisfaction",
            _("Content with course, help or own result, proud, relieved: “It finally ran, thank you.”"),
            _("“Thanks in advance”; that something was easy."),
        ),
        Entry(
            "toxicity",
            _("Insults, demeans or threatens a person or a group."),
            _("Harsh words about the teaching or the material; swearing at nobody."),
        ),
    )
