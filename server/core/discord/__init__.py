"""Discord: its answers, limits, markdown and types."""
