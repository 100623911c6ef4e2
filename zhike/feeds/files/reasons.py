"""Every reason for which a file, a row or a cell is refused. The ids here are what the translations translate."""

from __future__ import annotations

from zhike.feeds.files.messages import FileRefused, Message, Parameter

_SENTENCES: dict[str, str] = {
    # whole files
    "file_empty": "The file is empty.",
    "file_missing": "The file cannot be opened.",
    "file_not_table": "This is not a table but %(kind)s.",
    "file_binary": "The file holds binary data, not text.",
    "file_web_page": "This is a web page under another name. Open it in a spreadsheet program and save it as XLSX.",
    "file_archive": "This is a ZIP archive. Unpack it and send the table inside.",
    "file_compressed_twice": "The file is compressed more than once.",
    "file_damaged": "The file is damaged: %(detail)s",
    "file_locked": "The workbook is protected by a password.",
    "file_bomb": "Unpacked, the file would be %(size_mb)s MB, more than is allowed (%(limit_mb)s MB).",
    "file_ratio": "The file unpacks to %(ratio)s times its size, which no real table does.",
    "file_entries": "The archive has %(count)s parts, more than is allowed (%(limit)s).",
    "file_doctype": "The workbook contains a document type or entity declaration, which is not allowed.",
    "file_part_name": "The archive contains a part with a forbidden name.",
    "file_columns": "The file has %(count)s columns, more than is allowed (%(limit)s).",
    "file_endless_line": "Line %(row)s does not end within %(limit_mb)s MB.",
    "file_no_header": "The header row %(row)s was not found.",
    "file_no_sheet": "There is no sheet named “%(sheet)s”.",
    "file_no_card": "The file contains no vCard.",
    "file_memory": "Reading the file would take more than %(limit_mb)s MB of memory.",
    "file_time": "Reading the file takes too long (more than %(seconds)s s).",
    "file_crash": "The file could not be read: its reader stopped unexpectedly.",
    "file_encoding_unknown": "The encoding “%(encoding)s” is not known.",
    "file_column_missing": "The file has no column “%(column)s”.",
    # rows
    "row_too_many_cells": "The row has %(count)s cells, the header has %(expected)s.",
    "row_too_few_cells": "The row has only %(count)s cells, the header has %(expected)s.",
    "row_quote_open": "A quotation mark opens in this row and is not closed.",
    "row_quote_inside": "A quotation mark stands where none may stand.",
    "row_too_long": "The row is longer than %(limit_kb)s KB.",
    "row_bad_bytes": "The row contains characters that are not valid %(encoding)s.",
    "row_nul": "The row contains NUL characters.",
    "card_broken": "The card is broken: %(line)s",
    "card_without_end": "The card has no END line.",
    "card_too_long": "The card is longer than %(limit_kb)s KB.",
    # cells
    "value_empty": "A value is required.",
    "value_number": "“%(text)s” is not a number.",
    "value_whole": "“%(text)s” is not a whole number.",
    "value_money": "“%(text)s” is not an amount of money.",
    "value_currency": "The currency of “%(text)s” is not known.",
    "value_boolean": "“%(text)s” is neither yes nor no.",
    "value_date": "“%(text)s” is not a date.",
    "value_moment": "“%(text)s” is not a date with time.",
    "value_too_large": "“%(text)s” is too large.",
    # why a column is suggested for a field
    "map_name": "The name “%(column)s” means “%(label)s”.",
    "map_content": "%(percent)s %% of the values look right for it.",
    "map_doubt": "But hardly any value looks right for it.",
    # presets
    "preset_unknown": "There is no preset “%(name)s”.",
    "preset_broken": "The preset “%(name)s” is broken: %(detail)s",
}


def reason(code: str, **params: Parameter) -> Message:
    """The message of this code. A long text among the parameters is shortened to 80 characters."""
    short = {
        key: value[:79] + "…" if isinstance(value, str) and len(value) > 80 else value
        for key, value in params.items()
    }
    return Message(code, _SENTENCES[code], short)


def refuse(code: str, **params: Parameter) -> FileRefused:
    """The exception for a file refused for this reason."""
    return FileRefused(reason(code, **params))


def sentences() -> tuple[str, ...]:
    """All message ids, for the completeness test of the translations."""
    return tuple(_SENTENCES.values())
