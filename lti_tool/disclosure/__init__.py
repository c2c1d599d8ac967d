"""What numbers may be shown: one place that decides, so that no page invents its own rule (P49, P50).

Others use `disclosure.rules`.
"""
