"""The full report of an evaluation: `report.assess` makes the object, `report.write_report` its three forms."""
