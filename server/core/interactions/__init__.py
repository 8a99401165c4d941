"""Slash commands and buttons: requests, rights, options, responses."""
