"""Ways in for hosts that freeze or end a process once it has answered."""
