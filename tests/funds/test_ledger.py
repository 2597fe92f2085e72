from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from casework.funds import queries
from casework.funds.rules import Balance
from casework.funds.usecases import commit

from .conftest import YUAN


def test_money_that_came_in_is_available(fund: Any, work: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["coordinator"])
    assert queries.balance(work, fund.id) == Balance(10_000 * YUAN, 0, 10_000 * YUAN)


def test_what_is_committed_is_available_no_more(fund: Any, case: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["coordinator"])
    commit(work, fund.id, case, 4_000 * YUAN, key="a")
    assert queries.balance(work, fund.id) == Balance(10_000 * YUAN, 4_000 * YUAN, 6_000 * YUAN)
    assert queries.committed_for(work, fund.id, case.id) == 4_000 * YUAN
    work.session.execute(sa.text("set constraints all immediate"))
