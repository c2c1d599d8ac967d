"""The security and access log: `record` writes one row beside the change it tells of, in the same transaction.

`write_out` makes each committed event a line on standard error too.
"""

from lti_tool.audit.service import record
from lti_tool.audit.stream import write_out

__all__ = ["record", "write_out"]
