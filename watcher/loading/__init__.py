"""Hand-off: the Loader protocol, the registry of loader types, the batch, one file per built-in loader.

Loaders don't know each other, the journal or the service: they get a Batch and answer with Loaded or an error. What
decides when to load, and again, belongs to the service.
"""
