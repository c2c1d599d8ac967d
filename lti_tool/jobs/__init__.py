"""Durable jobs: rows with progress, the table of scheduled jobs, and the worker that runs them.

Others use: `enqueue` (in the transaction of what causes the job), `task` and `Run` (to define what a kind of job
does), `Schedule`, `latest`. A task must be idempotent and resumable: a killed process is followed by another run
of the same row (design decision 6).
"""

from lti_tool.jobs.registry import Run, task
from lti_tool.jobs.service import enqueue, last_done, latest, running
from lti_tool.jobs.tables import Job

__all__ = ["Job", "Run", "enqueue", "last_done", "latest", "running", "task"]
