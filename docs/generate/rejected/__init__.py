"""The page that explains every finding to its sender, each with an example that is really judged when it is made.

The examples are data: a YAML file for each part of the page. What the page prints of a report is what the service says
of such a drop, word for word; that the corrected drop is found to be sound is seen to at the same time.
"""
