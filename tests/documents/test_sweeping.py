"""The store and the rows are kept in step; nothing is taken away that a row names."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from casework.documents.jobs import sweep
from casework.documents.queries import content_of
from casework.documents.store import StoreError, store_of
from casework.documents.usecases import remove_document
from casework.settings import Settings


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path, monkeypatch):
    """A store of this test alone; it keeps real time, and so does the clock that sweeps it."""
    monkeypatch.setitem(settings.__dict__, "documents_url", f"file://{tmp_path / 'store'}")
    return store_of(settings)


def sweep_after(clock, as_system, **passed) -> None:
    clock.moment = datetime.now(UTC) + timedelta(**passed)
    sweep(as_system())
    as_system().session.flush()


def names(store) -> set[str]:
    return {content.name for content in store.contents()}


def test_a_content_without_a_row_goes_after_a_day(own_store, keep, clock, as_system) -> None:
    kept, stray = keep(), own_store.keep(b"left by an interrupted transaction")
    sweep_after(clock, as_system, hours=23)
    assert names(own_store) == {kept.store_name, stray}
    sweep_after(clock, as_system, hours=25)
    assert names(own_store) == {kept.store_name}


def test_the_file_of_a_removed_document_goes_after_some_weeks(own_store, keep, clock, as_system) -> None:
    kept, other = keep(), keep()
    clock.moment = datetime.now(UTC)
    remove_document(as_system(), kept)
    name = kept.store_name
    sweep_after(clock, as_system, days=29)
    assert name in names(own_store)
    sweep_after(clock, as_system, days=31)
    assert kept.store_name is None
    assert kept.sha256 is not None
    sweep_after(clock, as_system, days=32)
    assert names(own_store) == {other.store_name}


def test_a_lost_content_is_reported(own_store, keep, clock, as_system, caplog) -> None:
    own_store.take_away(keep().store_name)
    with caplog.at_level(logging.ERROR):
        sweep_after(clock, as_system, hours=1)
    assert "1 documents have lost their content" in caplog.text


def test_a_content_that_is_not_there_is_an_error_that_names_nothing(own_store, keep, work) -> None:
    kept = keep()
    own_store.take_away(kept.store_name)
    own_store.take_away(kept.store_name)
    with pytest.raises(StoreError) as failure:
        content_of(work, kept)
    assert kept.store_name not in str(failure.value)


def test_the_store_is_a_folder_that_others_may_not_enter(tmp_path) -> None:
    store = store_of(Settings(state_dir=str(tmp_path)))
    started = time.time()
    name = store.keep(b"x")
    assert (tmp_path / "documents").stat().st_mode & 0o077 == 0
    assert store.read(name) == b"x"
    (content,) = store.contents()
    assert abs(content.written_at.timestamp() - started) < 60


def test_a_content_is_never_overwritten(tmp_path, monkeypatch) -> None:
    store = store_of(Settings(state_dir=str(tmp_path)))
    monkeypatch.setattr("casework.documents.store.secrets.token_hex", lambda _size: "ab" * 20)
    store.keep(b"first")
    with pytest.raises(StoreError):
        store.keep(b"second")
    assert [store.read(content.name) for content in store.contents()] == [b"first"]
