"""Cards: what each message needs next, and in which order they are sent."""
