"""Carry out what is asked of Discord, given the world and `now`; must know no HTTP library."""
