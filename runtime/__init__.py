"""What server, worker and presence client start with: settings, secrets, log and heartbeat."""
