"""The bot's presence at Discord mirrors the bridge's health; imports nothing of `server`."""
