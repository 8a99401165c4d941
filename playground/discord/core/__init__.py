"""Decide as Discord decides, without I/O, clock, chance or environment."""
