"""What the files of a drop say of each other before their rows are read: the manifest, the modes, what did not come.

It reads the manifest and the first rows of files, no more, and gives each file the schema that its rows are judged by.
"""
