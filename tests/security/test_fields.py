"""Sealed fields: bound to their place and row, found by equality, rotated without loss."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.security.fields import Keys, SealError, SecretError, keys_of, new_key_line, read_keys
from casework.settings import Settings

PLACE = "persons.id_number"
NUMBER = "440605188703150026"
OLD, NEW = ("2025", bytes(range(32))), ("2026", bytes(range(32, 64)))


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_own_row(value: str, row: str) -> None:
    keys = Keys([NEW])
    assert keys.open(PLACE, row, keys.seal(PLACE, row, value)) == value


def test_the_derived_keys_do_not_change_between_releases() -> None:
    keys = Keys([OLD])
    assert keys.index(PLACE, NUMBER).hex() == (
        "eeb8aaf20a474348d26b16e60fbb072a9b2f16f328a4a0805b2a66c733cb862c"
    )
    assert (
        keys.open(
            PLACE,
            "row",
            bytes.fromhex(
                "010432303235000102030405060708090a0b1377622b3bf00960875f0e817d272bc8be4d672b40e1b0ceff90e9e7407a7b3ddc96"
            ),
        )
        == NUMBER
    )


def test_two_seals_of_one_value_differ_and_their_index_does_not() -> None:
    keys = Keys([NEW])
    assert keys.seal(PLACE, 1, NUMBER) != keys.seal(PLACE, 1, NUMBER)
    assert keys.index(PLACE, NUMBER) == keys.index(PLACE, NUMBER)
    assert keys.index(PLACE, NUMBER) != keys.index("payees.account", NUMBER)


@pytest.mark.parametrize(("place", "row"), [(PLACE, 2), ("persons.phone", 1), ("persons", "id_number:1")])
def test_a_ciphertext_moved_to_another_row_or_column_does_not_open(place: str, row: object) -> None:
    keys = Keys([NEW])
    with pytest.raises(SealError, match="changed or belongs to another row"):
        keys.open(place, row, keys.seal(PLACE, 1, NUMBER))


def test_a_ciphertext_changed_in_any_byte_does_not_open() -> None:
    keys = Keys([NEW])
    sealed = keys.seal(PLACE, 1, NUMBER)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealError):
            keys.open(PLACE, 1, bytes(changed))


@pytest.mark.parametrize(
    "garbage", [b"", b"\x01", b"\x01\xff", b"\x01\x04" + b"2026", NUMBER.encode(), bytes(60)]
)
def test_what_was_never_sealed_is_named_so(garbage: bytes) -> None:
    with pytest.raises(SealError, match="not a sealed value"):
        Keys([NEW]).open(PLACE, 1, garbage)


def test_after_a_rotation_old_values_open_and_are_found_and_new_ones_use_the_new_key() -> None:
    before, after = Keys([OLD]), Keys([NEW, OLD])
    sealed = before.seal(PLACE, 1, NUMBER)
    assert after.open(PLACE, 1, sealed) == NUMBER
    assert before.index(PLACE, NUMBER) in after.indexes(PLACE, NUMBER)
    assert after.index(PLACE, NUMBER) == after.indexes(PLACE, NUMBER)[0]
    assert not after.is_current(sealed)
    assert after.is_current(after.seal(PLACE, 1, NUMBER))
    with pytest.raises(SealError, match="key '2025', which the secret file lacks"):
        Keys([NEW]).open(PLACE, 1, sealed)


def test_only_the_last_four_characters_stay_in_the_clear_and_of_a_short_value_none() -> None:
    keys = Keys([NEW])
    assert keys.sealed(PLACE, 1, NUMBER).tail == "0026"
    assert keys.sealed(PLACE, 1, "A123456").tail == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no key"),
        ("# only a remark\n", "no key"),
        ("key", "has 0 bytes"),
        ("key c2hvcnQ=", "has 5 bytes"),
        ("key not*base64", "line 1"),
        ("schlüssel " + "A" * 43 + "=", "key id"),
        (("key " + "A" * 43 + "=\n") * 2, "twice"),
    ],
)
def test_a_malformed_secret_file_is_refused_without_showing_the_key(text: str, complaint: str) -> None:
    with pytest.raises(SecretError, match=complaint) as caught:
        read_keys(text)
    assert "AAAA" not in str(caught.value)


def test_outside_production_the_secret_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(mode="development", state_dir=str(tmp_path / "state"))
    sealed = keys_of(settings).seal(PLACE, 1, NUMBER)
    path = tmp_path / "state" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret"]
    keys_of.cache_clear()
    assert keys_of(settings).open(PLACE, 1, sealed) == NUMBER


def test_production_makes_no_secret_and_accepts_none_that_others_can_read(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    settings = Settings(mode="production", secret_file=str(path))
    with pytest.raises(SecretError, match="no secret file"):
        keys_of(settings)
    path.write_text(new_key_line())
    path.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        keys_of(settings)
    path.chmod(0o600)
    assert keys_of(settings).index(PLACE, NUMBER)


def test_a_key_does_not_show_itself() -> None:
    assert "bytes" not in repr(Keys([NEW]))
    assert str(NEW[1]) not in repr(vars(Keys([NEW])))
