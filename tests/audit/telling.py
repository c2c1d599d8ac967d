"""What the events of the log tell, and what their rows must not hold."""

import re

from lti_tool.audit.tables import AuditEvent

EVENTS = {
    "launch": "somebody came in",
    "launch_refused": "a login or launch was refused, with the reason",
    "access_refused": "a page was not opened",
    "rate_limited": "somebody asked too often",
    "left_the_course": "the roster names somebody no more, whose pages were closed",
    "new_window_offered": "the browser kept no cookie in the frame",
    "institution_added": "an institution was made",
    "mode_decided": "what its instructors may see was decided",
    "registration_added": "a platform was connected, and how",
    "registration_approved": "its people may sign in",
    "registration_suspended": "its people may sign in no more",
    "registration_resumed": "they may again",
    "registration_removed": "one that was never used was dropped",
    "deployment_approved": "one more part of a platform was let in",
    "reading_account_set": "the account that reads courses was set or replaced",
    "canvas_authorised": "somebody authorised an account that reads Canvas",
    "canvas_refused": "an authorisation came to nothing, with the reason",
    "canvas_renewal_failed": "Canvas gave no fresh token, with the reason",
    "canvas_revoked": "an authorisation was revoked",
    "invite_made": "a one-time secret was made, and for what",
    "invite_used": "it was used up",
    "administrator_added": "somebody was listed as an administrator",
    "administrator_removed": "somebody was taken off the list",
    "signing_key_made": "a key of ours was made",
    "signing_key_retired": "a key of ours signs no more",
    "key_rotated": "a key of the keys file was replaced, and what it is for",
    "key_retired": "one that nothing used any more was dropped",
    "course_end_set": "the institution said when a course ends, or took that back",
    "link_placed": "an instructor placed a link in a course",
    "reflection_set": "an instructor set or changed a reflection that is written here",
    "pull_requested": "an administrator had a course read",
    "texts_read": "staff saw somebody's texts",
    "views_reviewed": "somebody read who of the staff had looked at whom",
    "disclosed": "data about a person were given to somebody outside, as put on record by hand",
    "papers_downloaded": "an administrator took the papers for switching on",
    "consent_changed": "a purpose was granted, declined or withdrawn, or ended by time",
    "data_exported": "a person took away what is kept about them",
    "erasure_asked": "a person asked to erase a text, all of them, or everything, which was hidden at once",
    "erasure_undone": "they took that back in time",
    "erased": "what was hidden was deleted for good",
    "objected": "a person objected, and against what",
    "request_recorded": "a request to the data-protection staff was put on record",
    "request_noted": "something was added to it",
    "request_erased": "the person of it was erased everywhere",
    "request_closed": "it was answered, done or refused",
    "ages_of_course_set": "whether a course may hold people under 18",
    "help_set": "what students read about help, and in which language",
    "protocol_set": "what staff do about a worrying text",
    "translation_confirmed": "somebody has checked the choice page in a language",
    "controller_stated": "the institution said who is responsible",
    "switched_off": "a course or the institution was switched off",
    "switched_on": "it was switched on again",
    "ledger_verified": "the record of choices was checked, and whether it is whole",
    "ledger_broken": "a chain of it does not fit, and how",
    "ledger_pruned": "its oldest lines ended with their time",
    "retention_chosen": "an institution chose how long a kind of data is kept",
    "retention_enforced": "what was over was deleted, with counts",
    "breach_report": "a list was made of whose data a breach may have met",
    "restored": "a backup was put back, and erasures were done again",
    "text_labelled": "a text was corrected or contested, or that was taken back",
    "labels_dropped": "labels were taken out of training in bulk: an annotator's, a course's or a period's",
    "labels_restored": "they were put back",
    "serving_moved": "another version serves: promoted or gone back to",
    "rolled_back": "an administrator went back to the version before",
    "promoted_by_hand": "an operator had a version serve, whatever its figures",
    "model_pinned": "somebody let the serving version stay, or ended that",
    "model_sharing_set": "an institution lends its models to those that do the same, or no longer",
    "rollback_proposed": "people disagreed more after a change, so that going back was proposed",
    "proposal_kept": "an administrator kept what serves all the same",
    "retraining_cancelled": "an administrator ended a run under way",
    "retraining_requested": "an administrator had a retraining run",
    "retraining": "a run ended, and with what decision; or the hash of a promoted model's manifest",
}
"""Event → what it tells. A test fails when the code records one that is not here."""


def told(rows: list[AuditEvent], secrets: set[str]) -> list[str]:
    """What the log says that it must not: a secret, an address, a line end; facts beyond counts, codes and ids."""
    found = []
    for row in rows:
        for name in (column.key for column in AuditEvent.__mapper__.column_attrs):
            value = str(getattr(row, name))
            found += [f"{row.event} {name}: {secret}" for secret in secrets if secret in value]
            if name not in ("at", "facts") and not re.fullmatch(r"[\w .-]*", value, re.ASCII):
                found.append(f"{row.event} {name}: {value!r}")
        for key, value in row.facts.items():
            if not re.fullmatch(r"[\w.-]*", str(value), re.ASCII):
                found.append(f"{row.event} facts {key}: {value!r}")
    return found
