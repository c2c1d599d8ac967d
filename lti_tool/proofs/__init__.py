"""Which requirement is proved by which tests: a test carries the ids of the items it proves in its name.

`items` knows the requirements, `naming` finds the tests, `table` sets both beside each other.
"""
