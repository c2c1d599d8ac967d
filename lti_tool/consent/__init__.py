"""Asking, remembering and undoing: purposes, versioned wording, the choice page, the ledger, withdrawal.

Others use `lti_tool.consent.service`: `lock` at the start of every transaction that writes a row of a person,
then `covers` (or the state's own fields) to see what the person agreed to; `granted` for sets of people;
`choices` for one person. A withdrawal erases by purpose through `storage.ownership`, so it needs to know
no other part.
"""

from lti_tool.consent import guards as guards  # its triggers belong to the tables wherever these are made
