"""Benchmarks: what the bridge promises in figures, measured with real processes.

They are run by hand and printed as one table; no test depends on a time.
"""
