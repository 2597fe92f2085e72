"""Lists, searches, counts and timelines are the same whether what may not be seen is there or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from casework.cases.model import Event
from casework.cases.usecases import move
from casework.forms.model import Response
from casework.testing.referrals import refer_somebody
from casework.testing.world import World
from casework.work import Work

from .walking import Walker

QUERIES = ("区广才", "ou", "ogc", "shan", "d", "H1-CW", "H2-CW", "13800138000", "0026", "440605188703150026")


MARK = re.compile(r'name="_submission" value="[^"]*"')
"""The random mark of a page that is to be sent."""


def pages(world: World) -> Iterator[str]:
    """Every page that lists, counts or finds."""
    case, person = world.cases["own"], world.persons["own"]
    yield from (
        "/",
        "/my",
        "/referrals",
        "/drafts",
        "/staff",
        "/staff?q=n",
        "/audit?kind=grant",
        "/refer/new",
    )
    for part in (
        "",
        "?phase=active",
        "?phase=done",
        "?urgency=routine",
        "?state=casework.intervention",
        "?whose=all",
    ):
        yield f"/cases{part}"
    for unit in ("hospital", "ward"):
        yield f"/cases?unit={world.network.units[unit].id}"
    for query in map(quote, QUERIES):
        yield from (f"/search?q={query}", f"/search/suggestions?q={query}", f"/refer?q={query}")
    yield from (f"/cases/{case.id}", f"/cases/{case.id}/timeline", f"/cases/{case.id}/timeline?show=contacts")
    yield from (f"/cases/{case.id}/openings", f"/people/{person.id}", f"/refer/{person.id}")
    yield from (f"/cases/{case.id}/moves/hand-over", f"/cases/{world.cases['unit'].id}")


def seen(walker: Walker, world: World) -> dict[str, str]:
    found = {}
    for path in pages(world):
        with walker.undone():
            answer = walker.browser.get(path, expect_errors=True)
            text = answer.text.replace(answer.headers["X-Request-Id"], "")
            found[path] = MARK.sub("", text)
            assert answer.status_int in {200, 303, 403, 404}, path
    return found


@pytest.fixture
def elsewhere(
    world: World, as_actor: Callable[..., Work], as_system: Callable[[], Work]
) -> Callable[[], None]:
    """Let another hospital serve people of the same names, and let more be written behind walls."""

    def happen() -> None:
        network = world.network
        for name in ("区广才", "区光彩", "单大华"):
            ward = network.units["other-ward"].id
            case = refer_somebody(as_actor(network["other-nurse"]), ward, name, urgency="urgent")
            move(as_actor(network["other-coordinator"]), case, "assign", worker_id=network["other-worker"].id)
        work = as_system()
        walled = world.responses["walled"]
        names = [
            column.key for column in Response.__table__.columns if column.key not in {"id", "submission"}
        ]
        again = Response(**{name: getattr(walled, name) for name in names})
        work.session.add(again)
        work.session.flush()
        for case_id, compartment in (
            (walled.case_id, "process_note"),
            (world.cases["walled"].id, "mediator"),
        ):
            work.session.add(
                Event(
                    case_id=case_id,
                    compartment=compartment,
                    kind="contact.recorded",
                    actor_id=walled.author_id,
                    happened_at=work.now,
                    recorded_at=work.now,
                    response_id=again.id if case_id == walled.case_id else None,
                    payload={"episode": 1},
                )
            )
        work.session.flush()
        work.session.commit()
        work.session.expunge_all()

    return happen


@pytest.mark.parametrize("role", ["nurse", "former", "coordinator", "fund", "patient"])
def test_what_happens_out_of_sight_changes_no_page(
    role: str, world: World, walk: Callable[[str], Walker], elsewhere: Callable[[], None]
) -> None:
    walker = walk(role)
    before = seen(walker, world)
    elsewhere()
    after = seen(walker, world)
    assert [path for path in before if before[path] != after[path]] == []


@pytest.mark.parametrize("role", ["worker", "former", "supervisor", "coordinator", "nurse", "patient"])
def test_the_words_of_a_process_note_are_for_the_worker_and_the_supervisor(
    role: str, world: World, walk: Callable[[str], Walker]
) -> None:
    found = [path for path, text in seen(walk(role), world).items() if "canary of process" in text]
    assert bool(found) == (role in {"worker", "supervisor"}), found


ODD = (
    "name;drop",
    "(select 1)",
    "__class__",
    "password_hash",
    "-id",
    "desc",
    "null",
    "[]",
    "１",
    "../x",
    "%",
    "x" * 300,
)
FILTERS = {
    "/cases": ("whose", "program", "state", "phase", "urgency", "unit", "sort", "before", "after"),
    "/referrals": ("before", "after"),
    "/cases/{case}": ("show", "since", "until", "before"),
    "/cases/{case}/timeline": ("show", "since", "until", "before"),
    "/cases/{case}/openings": ("before",),
    "/staff": ("role", "unit", "before", "after"),
}


def test_filters_and_orders_are_chosen_from_a_list(world: World, walk: Callable[[str], Walker]) -> None:
    walker, wrong = walk("coordinator"), []
    walker.browser.extra_environ["HTTP_ACCEPT"] = "text/html"
    for path, names in FILTERS.items():
        for name in names:
            for odd in ODD:
                answer = walker.browser.get(
                    path.format(case=world.cases["own"].id), {name: odd}, expect_errors=True
                )
                if answer.status_int != 400:
                    wrong.append(f"{path}?{name}={odd}: {answer.status_int}")
    other = world.network.units["other"].id
    for path in ("/cases", "/staff"):
        walker.browser.get(path, {"unit": str(other)}, status=400)
    assert not wrong, "\n".join(wrong)
