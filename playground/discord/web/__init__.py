"""Speak HTTP and websockets; thin, every decision is made in core and services."""
