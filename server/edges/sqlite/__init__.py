"""Files on local disk by SQLite."""
