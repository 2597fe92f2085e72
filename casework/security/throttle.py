"""How fast passwords may be tried: the pure part.

Failures are counted for each name and for each address; a browser in which the account has signed
in before is counted by itself, so that strangers who guess cannot lock its owner out. Names that
do not exist are counted like those that do. The counters have at most 2**18 keys of each kind, so
that nobody can fill the table.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class Limit:
    """`free` failures within `window` cost nothing; each further one doubles the wait."""

    free: int
    window: timedelta
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=15)

    def wait_after(self, failures: int) -> timedelta:
        """How long to wait after so many failures."""
        if failures < self.free:
            return timedelta()
        doublings = min(failures - self.free, 20)
        return min(self.longest_wait, self.first_wait * (1 << doublings))


LIMITS = {
    "name": Limit(free=5, window=timedelta(hours=12)),
    "browser": Limit(free=5, window=timedelta(hours=12)),
    "address": Limit(free=50, window=timedelta(hours=1)),
    # Texts sent to one phone, and at the wish of one address: a ward's patients share one.
    "texted": Limit(4, timedelta(hours=12), timedelta(minutes=1), timedelta(hours=1)),
    "texting": Limit(free=60, window=timedelta(hours=1), first_wait=timedelta(minutes=1)),
    # Wrong codes of one phone, and from one address.
    "wrong-code": Limit(15, timedelta(hours=12), timedelta(minutes=15), timedelta(hours=1)),
    "guessing": Limit(free=30, window=timedelta(hours=1)),
}


class Counter(Protocol):
    """A stored counter."""

    key: str
    count: int
    window_start: datetime
    blocked_until: datetime | None


def keys(name: str, address: str, browser: str | None) -> list[str]:
    """The counters of an attempt, sorted.

    `name` is folded; `browser` is the mark of a browser that the account has used before, else None.
    """
    if browser:
        return [key("browser", browser)]
    return sorted([key("name", name), key("address", network(address))])


def key(kind: str, what: str) -> str:
    """One of 2**18 counters of a kind."""
    digest = hashlib.sha256(f"{kind}:{what}".encode("utf-8", "surrogatepass")).digest()
    return f"{kind}:{int.from_bytes(digest[:4], 'big') >> 14:05x}"


def limit(key: str) -> Limit:
    """The limit of a counter."""
    return LIMITS[key.partition(":")[0]]


def wait(counters: Iterable[Counter], now: datetime) -> timedelta:
    """How long an attempt must still wait; nothing if it may go on."""
    ends = [each.blocked_until for each in counters if each.blocked_until and each.blocked_until > now]
    return max(ends) - now if ends else timedelta()


def is_over(counter: Counter, now: datetime) -> bool:
    """Whether the failures counted are so old that they are forgotten."""
    blocked = counter.blocked_until is not None and counter.blocked_until > now
    return not blocked and now - counter.window_start >= limit(counter.key).window


def count_failure(counter: Counter, now: datetime) -> None:
    """Count one more failure and set until when the next attempt waits."""
    if is_over(counter, now):
        counter.count, counter.window_start = 0, now
    counter.count += 1
    pause = limit(counter.key).wait_after(counter.count)
    counter.blocked_until = now + pause if pause else None


def network(address: str) -> str:
    """An IPv4 address, or the /64 network that one IPv6 visitor commands."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
