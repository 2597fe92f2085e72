from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from casework.cases.model import Case
from casework.cases.usecases import move
from casework.documents.model import Document
from casework.documents.usecases import keep_document
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work

from .papers import photo


@pytest.fixture
def case(network: Network, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> Case:
    """A case of the worker."""
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=network["worker"].id)
    as_system().session.flush()
    return case


@pytest.fixture
def keep(case: Case, network: Network, as_actor: Callable[..., Work]) -> Callable[..., Document]:
    """`keep(content, name)`: the worker hands in a paper."""

    def hand_in(content: bytes | None = None, name: str = "photo.jpg", **options: Any) -> Document:
        upload = BytesIO(photo() if content is None else content)
        options = {"kind": "income", "compartment": "case", **options}
        return keep_document(as_actor(network["worker"]), case, upload=upload, file_name=name, **options)

    return hand_in
