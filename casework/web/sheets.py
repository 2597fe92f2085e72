"""Sheets to download: rows as CSV that a spreadsheet shows as it is, and never takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from pyramid.response import Response

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a cell begins that a spreadsheet may compute; some read the wide signs too."""


def cell(text: str) -> str:
    """A text as one cell. What a spreadsheet would take for a formula gets an apostrophe before it, the
    mark by which spreadsheets themselves write that a cell is text."""
    return f"'{text}" if _FORMULA.match(text) else text


def sheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A file of that name to be saved, in UTF-8 with the mark by which Excel knows it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(each) for each in columns])
    writer.writerows([cell(each) for each in row] for row in rows)
    response = Response(written.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8")
    response.content_disposition = f'attachment; filename="{name}.csv"'
    return response
