"""The security and access log: `record` writes one row beside the change it tells of, in the same transaction."""

from lti_tool.audit.service import record

__all__ = ["record"]
