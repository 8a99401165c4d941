"""From a state to the JSON of a Discord message."""
