"""The store on MongoDB; only this package knows pymongo."""
