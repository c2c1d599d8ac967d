"""Corrections become a better model: pool → train in a child process → gate → promote or keep → rescore.

Others use the job kind `retrain` and `retraining.service.request`; nothing below imports this part.
"""
