"""The worker's round: merge, deliver, hold the lease."""
