from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.security import passwords
from casework.security.names import fold_name


def test_hashes_are_argon2id_with_64_mib_and_are_up_to_date():
    stored = passwords.hash_password("four words in a row")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_right(stored, "four words in a row")
    assert not passwords.is_right(stored, "four words in a raw")
    assert not passwords.is_outdated(stored)


def test_the_hash_of_nobody_has_the_parameters_of_everybody():
    assert not passwords.is_outdated(passwords.NO_HASH)


def test_an_absent_hash_is_worked_on_like_a_present_one(monkeypatch):
    seen = []

    class Hasher:
        def verify(self, stored, password):
            seen.append((stored, password))
            return True

    monkeypatch.setattr(passwords, "_HASHER", Hasher())
    assert passwords.is_right(None, "any password") is False
    assert passwords.is_right("stored", "any password") is True
    assert seen == [(passwords.NO_HASH, "any password"), ("stored", "any password")]


def test_composed_and_decomposed_letters_are_one_password(cheap_hashing):
    stored = passwords.hash_password(unicodedata.normalize("NFD", "Übergrößenträger"))
    assert passwords.is_right(stored, unicodedata.normalize("NFC", "Übergrößenträger"))


def test_spaces_belong_to_the_password(cheap_hashing):
    assert not passwords.is_right(passwords.hash_password(" a b c d e f "), "a b c d e f")


def test_a_very_long_password_is_refused_before_it_is_hashed(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", None)
    assert passwords.is_right("stored", "x" * 1025) is False
    with pytest.raises(ValueError, match="1024"):
        passwords.hash_password("x" * 1025)


def test_a_damaged_hash_is_wrong_and_no_error(cheap_hashing):
    assert passwords.is_right("$argon2id$nonsense", "password") is False
    assert passwords.is_right("not a hash", "password") is False


def test_who_waits_too_long_for_memory_is_told_so(monkeypatch):
    monkeypatch.setattr(passwords, "_PLACES", passwords.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_PATIENCE", 0.01)
    with passwords._PLACES, pytest.raises(passwords.TooBusy):
        passwords.is_right(None, "password")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "123456789",
        "1234567890",
        "QWERTYUIOP",
        "aaaaaaaaaaaa",
        "ababababab",
        "my-nurse-li-1",
        "ＮＵＲＳＥ-ＬＩ and more",
        "x" * 1025,
    ],
)
def test_weak_passwords_are_refused(password):
    assert passwords.why_not(password, "nurse-li") is not None


@pytest.mark.parametrize(
    "password",
    [
        "four words in a row",
        "正确的马电池订书钉好",
        "pässwörter sind geheim",
        "a" * 60 + "bcdef",
        "x y z u v w",
    ],
)
def test_good_passwords_need_no_special_kinds_of_characters(password):
    assert passwords.why_not(password, "nurse-li") is None


@pytest.mark.parametrize(
    "name", ["admin", "ａｄｍｉｎ", "ADMİN", " Admin ", "ad\u200bmin", "ＡＤＭＩＮ", "adm\u202ein"]
)
def test_names_that_look_alike_are_one_account(name):
    assert fold_name(name) == "admin"


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_folding_twice_changes_nothing_and_leaves_no_invisible_mark(name):
    folded = fold_name(name)
    assert fold_name(folded) == folded or len(folded) > 200
    assert not {unicodedata.category(letter) for letter in folded} & {"Cc", "Cf"}
