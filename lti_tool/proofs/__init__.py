"""Which requirement has which tests: a test carries the ids of the items it stands for in its name.

`items` knows the requirements, `naming` finds the tests, `asserting` says whether one checks anything, `results` what
became of it in the last run, and `table` sets all of it side by side.
"""
