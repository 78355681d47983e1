"""Files and a `Dataset` in, a `Report` out: reading, header, cells, keys and references.

Nothing here renders, moves, writes or loads; a wrong file is a finding, never an exception.
"""

from watcher.validation.epoch import validate, validate_file
from watcher.validation.frames import typed_frames
from watcher.validation.zips import validate_zip

__all__ = ["typed_frames", "validate", "validate_file", "validate_zip"]
