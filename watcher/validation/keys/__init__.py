"""Keys, unique values and references: remembered as hashes, compared as texts where they are suspect."""
