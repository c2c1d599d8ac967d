"""Answers to "is this right?": the queue, corrections, contests by authors, and the pool for training.

Others use `review.service` and `review.pool`.
"""
