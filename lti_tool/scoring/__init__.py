"""Posts without a score by the serving model become scores; the serving pointer and its history.

Others use `scoring.serving`, `scoring.weights`, `scoring.readings` and `scoring.words`. Nothing here imports
torch before a score job runs.
"""
