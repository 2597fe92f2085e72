"""What the pages of money are about: a fund's books, and a payment; they know who is tied to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casework.funds.model import Fund, Payment
from casework.funds.queries import Book
from casework.funds.rules import Balance
from casework.security.permissions import Place
from casework.work import Work


def _ties(work: Work, unit_id: int) -> Iterable[tuple[str, str]]:
    return {(grant.role, "unit") for grant in work.actor.grants if unit_id in grant.reach}


class Books(Place):
    """The books of a fund, open to whoever sees its money: also where the money of a fund of the
    district is spent."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @property
    def fund(self) -> Fund:
        """The fund."""
        return self.book.fund

    @property
    def balance(self) -> Balance:
        """What it holds."""
        return self.book.balance


class BooksKept(Books):
    """The books of a fund for whoever keeps them: a role that reaches the fund's own unit."""

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """The roles that reach the unit of the fund."""
        return _ties(work, self.fund.unit_id)


@dataclass(frozen=True)
class Order:
    """A payment, whatever has become of it."""

    payment: Payment

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """The roles that reach the unit of its case."""
        return _ties(work, self.payment.unit_id)
