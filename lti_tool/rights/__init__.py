"""What a student may do with what is theirs: see their texts and labels, object, and take everything along.

Above scoring and review, so the student's own page lives here; choosing and stopping are in `consent`.
"""
