"""Answering a form that has to be mended: the page again, with every problem and with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pyramid.request import Request

from casework.errors import Invalid


def to_mend(request: Request, invalid: Invalid, page: Mapping[str, Any]) -> dict[str, Any]:
    """422 with the values of a page, to which its problems are added."""
    request.response.status_int = HTTPStatus.UNPROCESSABLE_ENTITY
    return {**page, "problems": invalid.problems}
