"""Every reason for which a file, a row or a cell is refused. The ids here are what the translations translate."""

from __future__ import annotations

from zhike.feeds.files.messages import FileRefused, Message, Parameter


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation. Django's own needs settings, which the child process has not."""
    return message


_SENTENCES: dict[str, str] = {
    # whole files
    "file_empty": gettext_noop("The file is empty."),
    "file_missing": gettext_noop("The file cannot be opened."),
    "file_not_table": gettext_noop("This is not a table but %(kind)s."),
    "file_binary": gettext_noop("The file holds binary data, not text."),
    "file_web_page": gettext_noop(
        "This is a web page under another name. Open it in a spreadsheet program and save it as XLSX."
    ),
    "file_archive": gettext_noop("This is a ZIP archive. Unpack it and send the table inside."),
    "file_compressed_twice": gettext_noop("The file is compressed more than once."),
    "file_damaged": gettext_noop("The file is damaged: %(detail)s"),
    "file_locked": gettext_noop("The workbook is protected by a password."),
    "file_bomb": gettext_noop(
        "Unpacked, the file would be %(size_mb)s MB, more than is allowed (%(limit_mb)s MB)."
    ),
    "file_ratio": gettext_noop("The file unpacks to %(ratio)s times its size, which no real table does."),
    "file_entries": gettext_noop("The archive has %(count)s parts, more than is allowed (%(limit)s)."),
    "file_doctype": gettext_noop(
        "The workbook contains a document type or entity declaration, which is not allowed."
    ),
    "file_part_name": gettext_noop("The archive contains a part with a forbidden name."),
    "file_columns": gettext_noop("The file has %(count)s columns, more than is allowed (%(limit)s)."),
    "file_endless_line": gettext_noop("Line %(row)s does not end within %(limit_mb)s MB."),
    "file_no_header": gettext_noop("The header row %(row)s was not found."),
    "file_no_sheet": gettext_noop("There is no sheet named “%(sheet)s”."),
    "file_no_card": gettext_noop("The file contains no vCard."),
    "file_memory": gettext_noop("Reading the file would take more than %(limit_mb)s MB of memory."),
    "file_time": gettext_noop("Reading the file takes too long (more than %(seconds)s s)."),
    "file_crash": gettext_noop("The file could not be read: its reader stopped unexpectedly."),
    "file_encoding_unknown": gettext_noop("The encoding “%(encoding)s” is not known."),
    "file_column_missing": gettext_noop("The file has no column “%(column)s”."),
    # rows
    "row_too_many_cells": gettext_noop("The row has %(count)s cells, the header has %(expected)s."),
    "row_too_few_cells": gettext_noop("The row has only %(count)s cells, the header has %(expected)s."),
    "row_quote_open": gettext_noop("A quotation mark opens in this row and is not closed."),
    "row_quote_inside": gettext_noop("A quotation mark stands where none may stand."),
    "row_too_long": gettext_noop("The row is longer than %(limit_kb)s KB."),
    "row_bad_bytes": gettext_noop("The row contains characters that are not valid %(encoding)s."),
    "row_nul": gettext_noop("The row contains NUL characters."),
    "card_broken": gettext_noop("The card is broken: %(line)s"),
    "card_without_end": gettext_noop("The card has no END line."),
    "card_too_long": gettext_noop("The card is longer than %(limit_kb)s KB."),
    # cells
    "value_empty": gettext_noop("A value is required."),
    "value_number": gettext_noop("“%(text)s” is not a number."),
    "value_money": gettext_noop("“%(text)s” is not an amount of money."),
    "value_currency": gettext_noop("The currency of “%(text)s” is not known."),
    "value_boolean": gettext_noop("“%(text)s” is neither yes nor no."),
    "value_date": gettext_noop("“%(text)s” is not a date."),
    "value_moment": gettext_noop("“%(text)s” is not a date with time."),
    "value_too_large": gettext_noop("“%(text)s” is too large."),
    # why a column is suggested for a field
    "map_name": gettext_noop("The name “%(column)s” means “%(label)s”."),
    "map_content": gettext_noop("%(percent)s %% of the values look right for it."),
    "map_doubt": gettext_noop("But hardly any value looks right for it."),
    # presets
    "preset_unknown": gettext_noop("There is no preset “%(name)s”."),
    "preset_broken": gettext_noop("The preset “%(name)s” is broken: %(detail)s"),
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
