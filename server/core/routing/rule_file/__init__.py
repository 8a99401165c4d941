"""The file of routing rules: what it says, and everything that is wrong with it."""
