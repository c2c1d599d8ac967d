"""The one HTTP client for every address that came from outside (S17).

Others use: `client.Client` and its `Answer`, `OutboundRefusedError`, `OutboundFailedError`.
"""
