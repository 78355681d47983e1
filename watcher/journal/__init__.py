"""What is remembered: records, attempts, notices, requests; SQLite by default, PostgreSQL by URL.

Each question asked of the journal is one named function that returns values, never rows. What a record means is
decided by the planner, not here; the journal only refuses steps that the transition table does not know.
"""
