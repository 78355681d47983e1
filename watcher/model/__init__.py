"""Values that travel through the house: names, facts, actions, states, records, findings, reports.

Standard library only, frozen, without any I/O. What opens, reads or writes something belongs elsewhere.
"""
