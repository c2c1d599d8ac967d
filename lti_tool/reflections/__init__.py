"""Reflections written in this tool, for courses whose LMS gives no access to its texts.

One link that an instructor places is one activity: a prompt with its dates. Students who gave A write here; what they
hand in becomes a post like any other (`pipeline`, the only module that knows how `ingest` stores one), and nothing is
written of anybody else (design decision 3). Others use `service.reflection_of_activity`.
"""
