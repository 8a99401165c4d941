"""The use cases, read top to bottom, given stores, clients and the time."""
