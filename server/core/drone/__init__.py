"""Drone: its payloads, signatures, answers and limits."""
