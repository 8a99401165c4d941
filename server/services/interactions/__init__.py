"""Answer slash commands and buttons."""
