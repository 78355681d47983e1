"""Zip archives from strangers: everything about one is checked before anything of it is written.

The standard library's reader is not used here. It takes the whole directory into memory whatever its size, cuts names
at a NUL, moves offsets until they fit, and trusts the directory alone; what it accepts another program may read as
something else. This one reads strictly what the format says (APPNOTE 6.3.10) and refuses the rest by name.
"""
