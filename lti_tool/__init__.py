"""Undertone: the LTI tool around the classifier. Parts are wired together in `lti_tool.app` only."""
