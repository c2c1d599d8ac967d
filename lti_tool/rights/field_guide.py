"""What each field of an export means, in words (P39). A test fails for a table or a field without them."""

from collections.abc import Mapping

from flask_babel import gettext as _

Words = Mapping[str, str]
Guide = Mapping[str, Words]


def guide() -> Guide:
    """Part of the export → field → meaning; parts are the names in the JSON document and of the CSV files."""
    return {"document": _document(), "texts": _texts()} | {
        f"tables/{name}": {"": table_words(name), **fields} for name, fields in fields_of_tables().items()
    }


def table_words(name: str) -> str:
    """What a table is for, in one sentence; also those whose rows hold nothing to show."""
    words = {
        "posts": _(
            "Your texts as they are kept: names, addresses, links and numbers that were found in them are replaced."
        ),
        "reflection_texts": _("What you typed in this tool, drafts too."),
        "scores": _("What the model computed for each text and version."),
        "explanations": _("Where in a text the words stand that drove its labels, after you asked why."),
        "answers": _("Labels that people gave: yours, and corrections by staff."),
        "pool_texts": _(
            "Texts with labels that stay for training after their own time, because you allowed it."
        ),
        "held_labels": _("Labels of your texts that two people have to agree on before they may train."),
        "consent_events": _("The record of your choices; lines are only added."),
        "consent_states": _("Your choices as they are now."),
        "training_withdrawals": _("When your texts were taken out of training."),
        "memberships": _("Your role in the course by the last visit or list of members."),
        "launch_sessions": _("Your visits to this tool."),
        "person_keys": _("The one link from your account in the learning platform to these rows."),
        "disclosed_texts": _("Which of your texts the figures of a class page rest on."),
        "erased_posts": _("Texts you erased: only a mark, so that they are not read again."),
        "erasures": _("Erasures that can still be taken back."),
        "data_request_people": _("That a request to the data-protection staff is about you."),
    }
    return str(words.get(name, ""))


def _document() -> Words:
    return {
        "format": _("The version of this layout."),
        "exported_at": _("When this file was made. All times are in UTC."),
        "course": _("The name of the course; you are another person in every course."),
        "model": _("The model version whose labels the course shows, and since when it is here."),
        "seen_by_staff": _(
            "How often texts of yours were shown to staff, by pages and copies that you asked for, by role; never who."
        ),
        "trained_on": _("Model versions that learnt from texts of yours, and when those were taken."),
        "texts": _("Your texts, and what is shown for them."),
        "tables": _("Every table that holds rows about you, by its name in the database."),
    }


def _texts() -> Words:
    return {
        "text": _("The text as it is kept."),
        "written_at": _("When it was written."),
        "activity": _("The forum or assignment it stands in."),
        "state": _("read: estimated; waiting, language, short, emptied: why there is no estimate."),
        "sentiment": _("How it may read on the whole: negative, neutral or positive."),
        "labels": _("Each label with its certainty: likely, mixed, unsure, or by a person."),
        "shown_by": _(
            "model: an estimate; instructor: corrected by a person; contested: you said it is wrong."
        ),
        "your_sentiment": _("How you said it reads."),
        "your_labels": _("The labels you gave."),
        "your_comment": _("What you added; nobody else sees it."),
        "probabilities": _("The model's calibrated probability, 0 to 1, for each of the ten labels."),
    }


def fields_of_tables() -> dict[str, Words]:
    """Table → exported column → meaning."""
    return {
        "posts": {
            "text": _("The text."),
            "title": _("The title of the discussion you opened."),
            "language": _("The language as it was detected."),
            "written_at": _("When it was written."),
            "edited_at": _("When it was last changed."),
            "url": _("Where the original stands."),
        },
        "reflection_texts": {
            "draft": _("What is written and not handed in."),
            "text": _("What was handed in last."),
            "saved_at": _("When it was last saved."),
            "first_handed_in_at": _("When it was first handed in."),
            "handed_in_at": _("When it was last handed in."),
        },
        "scores": {
            "logits": _("Ten raw numbers, one for each label in the order of the probabilities."),
            "weights_hash": _("Which weights computed them."),
            "scored_at": _("When."),
        },
        "explanations": {
            "weights_hash": _("Which weights were asked."),
            "found": _(
                "For each label the places [from, to, share] that pushed towards it and away from it."
            ),
            "asked_at": _("When it was found."),
        },
        "answers": {
            "kind": _("labels, cannot_tell, or undone for one that was taken back."),
            "annotator_role": _("Who gave them: student is you, instructor is staff."),
            "labels": _("The labels given, 1 for those that apply."),
            "shown": _("The labels that the model had shown."),
            "comment": _("Your comment."),
            "answered_at": _("When."),
        },
        "pool_texts": {
            "text": _("The text."),
            "language": _("Its language."),
            "labels": _("Its labels, 1 for those that apply."),
            "labelled_by": _("Who gave them: student is you, instructor is staff."),
            "written_at": _("When it was written."),
            "answered_at": _("When they were given."),
            "kept_since": _("Since when it is kept for training alone."),
        },
        "consent_events": {
            "purpose": _("A to D as on the choice page; A-earlier for earlier texts; all for every purpose."),
            "event": _("What happened."),
            "wording_sha256": _("The fingerprint of the exact words you were shown."),
            "language": _("In which language."),
            "at": _("When."),
        },
        "consent_states": {
            "a": _("Whether your texts may be read and estimated."),
            "earlier": _("Whether that includes what you wrote before."),
            "b": _("Whether your instructors may see them."),
            "c": _("Whether they may improve the model."),
            "d": _("Whether they may be used for research at your institution."),
            "answered_at": _("When you last answered."),
            "paused": _("Whether you have paused."),
            "pauses": _("From when to when you have paused."),
            "suspended": _("Choices, A to D, that wait for you to read changed words."),
        },
        "training_withdrawals": {"at": _("When.")},
        "memberships": {
            "role": _("Your role."),
            "active": _("Whether you are still in the course."),
            "seen_at": _("When that was last seen."),
        },
        "launch_sessions": {"role": _("In which role."), "created_at": _("When.")},
        "person_keys": {"lms_user_id": _("Your account's id in the learning platform.")},
        "erased_posts": {"erased_at": _("When you erased it.")},
        "erasures": {
            "scope": _("text, texts or person: what is to be erased."),
            "texts": _("How many texts."),
            "asked_at": _("When you asked."),
            "due_at": _("Until when it can be taken back."),
        },
    }
