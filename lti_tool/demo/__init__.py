"""The sample campus and the demonstration built on it, for a first run and for tests, never for production.

`campus` is an LTI 1.3 platform with course pages and the LMS calls that the tool reads; `content` holds its
invented people and texts. Nothing else in the project imports this part.
"""
