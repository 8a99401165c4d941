"""The settings of each program."""
