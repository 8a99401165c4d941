"""The only code that does I/O; it decides nothing."""
