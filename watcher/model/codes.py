"""Every code that validation can give a finding: what it is about, what it means, what to do.

One table for validation, reports and docs. A code, once published, keeps its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.model.findings import Level


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. `meaning` and `advice` are plain text for the sender, without a full stop."""

    level: Level
    meaning: str
    advice: str


_EPOCH, _FILE, _HEADER, _ROW, _CELL = Level.EPOCH, Level.FILE, Level.HEADER, Level.ROW, Level.CELL

CODES: dict[str, Code] = {
    # The drop
    "empty-epoch": Code(_EPOCH, "there is no data file in the drop", "put the files into the drop and send it again"),
    "drop-too-large": Code(
        _EPOCH,
        "the files add up to more than this service reads; none of them was looked at",
        "check the sizes of the files; if they are right, ask for a higher limit",
    ),
    "impossible-epoch-time": Code(
        _EPOCH,
        "the epoch's name is no possible date and time",
        "name the directory YYYYMMDD-HHMMSS by the time of the upload",
    ),
    "expected-file-missing": Code(
        _FILE, "a file that belongs with the others did not come in time", "upload the files at the same time"
    ),
    "older-files-set-aside": Code(
        _FILE,
        "several files of one kind lay in the upload folder; the newest was taken, the older ones are only kept",
        "nothing to do if the newest is the right one; else send the right one again, alone, under a later date",
    ),
    "files-of-different-days": Code(
        _EPOCH,
        "files that were taken together are of different days, by the dates in their names",
        "if they do not belong together send all files of one day again; run all exports on one side of midnight",
    ),
    "missing-file": Code(_EPOCH, "a required file did not come", "add the file to the drop"),
    "no-updates": Code(
        _EPOCH, "only the manifest came, and it lists no file", "if files should have come, check the export"
    ),
    "nothing-left": Code(
        _EPOCH,
        "every file has errors for which it would be left out, so that nothing of the drop could be used",
        "correct the errors and send the files again",
    ),
    "unknown-file": Code(_FILE, "the dataset does not know a file of this name", "rename the file or leave it out"),
    "misnamed-file": Code(_FILE, "the name is nearly that of an expected file", "rename the file exactly"),
    "bad-file-name": Code(_FILE, "the name is too long, or cannot be printed", "rename the file"),
    "directory-in-epoch": Code(_FILE, "a folder is not looked into", "put the files beside the marker, in no folder"),
    "not-a-regular-file": Code(_FILE, "it is not an ordinary file", "send the file itself, no link or device"),
    "hard-link": Code(_FILE, "the file has another name elsewhere", "upload the file instead of linking it"),
    "unreadable-file": Code(_FILE, "the file could not be read", "send the file again; if it stays so, tell us"),
    "file-changed": Code(_FILE, "the file changed while it was read", "send the files first and the marker last"),
    # A zip archive
    "zip-not-a-zip": Code(
        _FILE,
        "the name ends in .zip, and the content is no zip archive",
        "make a zip archive of the files, or send the files themselves",
    ),
    "zip-truncated": Code(
        _FILE,
        "the end of the archive is not there",
        "send the archive again; upload it under a temporary name and rename it when it is whole",
    ),
    "zip-damaged": Code(
        _FILE,
        "the archive is not put together as a zip must be",
        "make the archive again, and transfer it in binary mode",
    ),
    "zip-prefixed": Code(
        _FILE, "something stands before the archive in the file", "make a plain zip archive, not a self-extracting one"
    ),
    "zip-extra-bytes": Code(
        _FILE,
        "the file holds bytes that belong to no member of the archive",
        "make the archive anew instead of changing an old one",
    ),
    "zip-headers-disagree": Code(
        _FILE,
        "the archive says two different things of the same member",
        "make the archive again, with another program if it stays so",
    ),
    "zip-overlap": Code(
        _FILE, "members of the archive share the same bytes", "make the archive again with an ordinary zip program"
    ),
    "zip-unsupported": Code(
        _FILE,
        "the archive is packed in a way that is not unpacked here",
        "pack it as one archive, with the method Deflate",
    ),
    "zip-encrypted": Code(
        _FILE, "the archive needs a password", "pack it without a password; the transfer is encrypted"
    ),
    "zip-special-file": Code(
        _FILE, "a member of the archive is a link or a device", "pack the files themselves, not links to them"
    ),
    "zip-unsafe-name": Code(
        _FILE, "the name of a member leads out of the archive's folder", "pack the files without their paths"
    ),
    "zip-bad-name": Code(
        _FILE,
        "no file may be called like this member of the archive",
        "rename the file: plain letters, written in UTF-8, and no name that is reserved",
    ),
    "zip-duplicate-name": Code(
        _FILE, "two members of the archive have the same name", "pack each file once, under one name"
    ),
    "zip-name-taken": Code(
        _FILE,
        "a member of the archive has the name of another file in the drop",
        "send the file once: in the archive or beside it",
    ),
    "zip-folder": Code(
        _FILE, "the members of the archive lie in a folder", "pack the files themselves, not the folder they are in"
    ),
    "zip-folders": Code(
        _FILE,
        "the members of the archive lie in several folders",
        "pack the files themselves, without any folder",
    ),
    "zip-in-zip": Code(_FILE, "there is an archive in the archive", "pack the files themselves into one archive"),
    "zip-empty": Code(_FILE, "there is no file in the archive", "check the export, and pack its files"),
    "zip-too-many-members": Code(
        _FILE, "the archive has more members than are unpacked", "pack only the files that are asked for"
    ),
    "zip-too-large": Code(
        _FILE,
        "the archive unpacks to more than this service takes",
        "check the sizes of the files; if they are right, ask for a higher limit",
    ),
    "zip-ratio": Code(
        _FILE,
        "the archive is so much smaller than its content that it looks like a trap",
        "check the files for endless repetition; if they are right, ask for a higher limit",
    ),
    "zip-bad-content": Code(
        _FILE,
        "a member of the archive does not unpack to what was packed",
        "make the archive again, and transfer it in binary mode",
    ),
    # The file
    "empty-file": Code(
        _FILE, "the file is empty", "export the file again; without rows it still needs its header line"
    ),
    "header-only": Code(_FILE, "the file has a header line and no rows", "check that the export really has no rows"),
    "wrong-delimiter": Code(_HEADER, "the cells are separated by another character", "export with the right delimiter"),
    "missing-header": Code(_HEADER, "the first line names none of the columns", "write the column names on line 1"),
    "no-final-newline": Code(_FILE, "the last line does not end", "check that the file was not cut off"),
    "wrong-encoding": Code(
        _FILE, "the file is written in another encoding, or is no CSV at all", "export the file in the right encoding"
    ),
    "old-line-ends": Code(_FILE, "the lines end with a carriage return alone", "end lines with LF or CRLF"),
    "too-many-skipped-rows": Code(
        _FILE, "more rows are wrong than may be skipped", "correct the errors, and send the files again"
    ),
    "blank-line": Code(_ROW, "a line is blank; it is skipped", "remove the blank lines"),
    # A picture
    "picture-name": Code(
        _FILE, "the picture's name is not of the expected form", "rename the picture as the dataset needs it"
    ),
    "picture-size": Code(_FILE, "the picture has too many or too few bytes", "save the picture in the usual size"),
    "picture-format": Code(_FILE, "the file is no picture of the expected format", "export the pictures as JPEG"),
    "picture-pixels": Code(_FILE, "the picture is too large in width and height", "save the picture smaller"),
    "picture-damaged": Code(_FILE, "the picture is not whole, or cannot be shown", "export the picture again"),
    "picture-trailing-data": Code(
        _FILE, "something that is no part of the picture follows its end", "save the picture again in a picture program"
    ),
    "picture-without-student": Code(
        _EPOCH,
        "a picture's name is no student of the last roster",
        "check the picture's name, or send the roster first",
    ),
    "student-without-picture": Code(
        _EPOCH, "a student of the last roster has no picture in the drop", "add the picture if there is one"
    ),
    "roster-not-compared": Code(
        _EPOCH, "the pictures could not be compared with the students", "tell us; your pictures may be right"
    ),
    # The manifest, and how the files are meant
    "manifest-missing-property": Code(_FILE, "the manifest lacks a property", "add a row with the property"),
    "manifest-unknown-property": Code(
        _ROW, "the manifest has a property that is not known here", "correct the property's name or remove the row"
    ),
    "manifest-misnamed-property": Code(
        _ROW, "the name is nearly that of a property, or another name for it", "write the property's name exactly"
    ),
    "manifest-duplicate-property": Code(_ROW, "a property stands twice", "keep one row for each property"),
    "manifest-wrong-value": Code(_CELL, "a property does not have the one value it may have", "write that value"),
    "manifest-unknown-mode": Code(_CELL, "the value is no way in which a file may be meant", "use an allowed value"),
    "manifest-file-missing": Code(
        _FILE, "the manifest lists a file that did not come", "add the file to the drop, or list it as absent"
    ),
    "manifest-file-unexpected": Code(
        _FILE, "a file came that the manifest lists as absent", "list how the file is meant, or leave it out"
    ),
    "manifest-too-long": Code(_FILE, "the manifest has far more rows than properties", "check the manifest"),
    "mode-conflict": Code(
        _FILE,
        "the rows of a file are filled in another way than the manifest says",
        "say in the manifest how the file is meant, or fill it as the manifest says",
    ),
    "missing-target": Code(
        _FILE, "a column refers to a file that did not come", "add the file to the drop, or empty the column"
    ),
    # The header
    "missing-column": Code(_HEADER, "a column that is expected is not there", "add the column"),
    "misnamed-column": Code(
        _HEADER, "the name is nearly that of a column, or another name of it", "write the column's name exactly"
    ),
    "extra-column": Code(_HEADER, "the schema does not know a column of this name", "remove or rename the column"),
    "duplicate-column": Code(_HEADER, "two columns have the same name", "keep one of the columns"),
    "empty-header": Code(_HEADER, "a column has no name", "name the column or remove it"),
    "trailing-columns": Code(
        _HEADER, "nameless empty columns follow the last one", "export without the empty columns at the end"
    ),
    "column-order": Code(_HEADER, "the columns stand in another order", "put the columns in the expected order"),
    # The row
    "ragged-row": Code(
        _ROW,
        "a row has more or fewer cells than the header",
        "write as many cells as are expected; put quotes around a cell that holds the delimiter",
    ),
    "encoding": Code(_ROW, "the text is not UTF-8", "export the file as UTF-8"),
    "malformed-quote": Code(_ROW, "text follows a closing quote", "double each quote inside a quoted cell"),
    "unbalanced-quote": Code(_ROW, "a quote is opened and not closed", "close the quote, or double it inside a cell"),
    "nul-byte": Code(_ROW, "a row holds a NUL byte", "export the file again; it may be damaged"),
    "lone-cr": Code(_ROW, "a carriage return stands alone", "end lines with LF or CRLF, or quote the cell"),
    "line-too-long": Code(_ROW, "a line is too long to be a row", "check the file for a missing line break"),
    "cell-too-long": Code(_ROW, "a cell is longer than any that is expected", "check for a missing closing quote"),
    "repeated-header": Code(
        _ROW,
        "the header line stands again among the rows, or at all where there must be none",
        "keep only the first header line",
    ),
    "rule": Code(_ROW, "the row breaks a rule that spans several columns", "correct one of the cells"),
    "check": Code(_ROW, "the rows of the files contradict each other", "correct one of the rows"),
    "check-not-done": Code(
        _EPOCH, "a check across the files could not be brought to its end", "tell us; your files may be right"
    ),
    "duplicate-key": Code(_ROW, "a key stands on more than one row", "keep one row for each key"),
    # The cell
    "required": Code(_CELL, "a required cell is empty", "fill the cell"),
    "must-be-blank": Code(_CELL, "a cell is filled that must be empty", "empty the cell"),
    "type": Code(_CELL, "the value is not of the column's type", "write the value as its type needs it"),
    "enum": Code(_CELL, "the value is not one of the allowed ones", "use one of the allowed values"),
    "const": Code(_CELL, "the value is not the only allowed one", "use the allowed value"),
    "pattern": Code(_CELL, "the value does not have the expected form", "write the value in the expected form"),
    "min-length": Code(_CELL, "the value is too short", "write the whole value"),
    "max-length": Code(_CELL, "the value is too long", "shorten the value"),
    "minimum": Code(_CELL, "the number is too small", "check the number"),
    "maximum": Code(_CELL, "the number is too great", "check the number"),
    "exclusive-minimum": Code(_CELL, "the number is too small", "check the number"),
    "exclusive-maximum": Code(_CELL, "the number is too great", "check the number"),
    "multiple-of": Code(_CELL, "the number is not a multiple of the expected one", "check the number"),
    "format": Code(_CELL, "the value does not have the expected format", "write the value in the expected format"),
    "min-items": Code(_CELL, "the list has too few values", "write all values of the list"),
    "max-items": Code(_CELL, "the list has too many values", "leave values of the list out"),
    "unique-items": Code(_CELL, "the list has a value twice", "keep one of the same values"),
    "any-of": Code(_CELL, "the value fits none of the allowed forms", "write the value in one of the allowed forms"),
    "one-of": Code(_CELL, "the value fits none or several of the forms", "write the value in exactly one form"),
    "not": Code(_CELL, "the value is one that is not allowed", "write another value"),
    "duplicate-value": Code(_CELL, "a value that must be unique stands on several rows", "keep it on one row"),
    "unknown-reference": Code(_CELL, "the value is not in the file it refers to", "add the missing row, or correct it"),
    "garbled-text": Code(
        _CELL,
        "text was read in a wrong encoding, and letters were garbled or lost, before it was written to this file",
        "look for where the letters are lost first, in the export or in the data itself, and correct it there",
    ),
}
