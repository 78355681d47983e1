"""The bundled datasets, installed as `watcher.bundled`: YAML only, no code."""
