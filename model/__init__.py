"""The classifier: labelled text in, a checkpoint out, logits for new text.

Knows no web page, course or database and works alone from the command line (`python -m model`).
`model.labels`, `model.errors`, `model.decision` and `model.languages` import neither torch nor transformers.
"""
