"""Names that people may take."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgloss.server.errors import RequestError
from netgloss.server.people.names import clean_email, clean_name, name_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann", "Ann"),
        ("  Ann \t Lee ", "Ann Lee"),
        ("José", "José"),
        ("Zoë", "Zoë"),
        ("李雷", "李雷"),
        ("Анна", "Анна"),
        ("Ａｎｎ", "Ann"),
        ("Ng-7 🙂", "Ng-7 🙂"),
        ("محمد", "محمد"),
        ("ไม้", "ไม้"),
    ],
)
def test_names_of_all_scripts_are_kept(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x" * 41,
        "ﷺ" * 3,  # 54 letters once it is written out
        "a@b",
        "Ann\0",
        "Ann\u200b",  # zero-width space
        "Ann\u200d",  # zero-width joiner
        "\u202eAnn",  # right-to-left override
        "An\u00adn",  # soft hyphen
        "Ann\ufeff",
        "Ann\u3164",  # Hangul filler
        "Ann\ufe0f",  # variation selector
        "Ann\U000e0041",  # tag letter
        "Ann\x1b[31m",
        "\ud800",
        "---",
        "A\u0300\u0301\u0302\u0303n",  # a pile of accents
        "\u0410nn",  # a Cyrillic A
        "Αnn",  # a Greek one
    ],
)
def test_names_that_deceive_are_refused(typed: str) -> None:
    with pytest.raises(RequestError) as refused:
        clean_name(typed)
    assert (refused.value.status, refused.value.code) == (422, "name")


@given(st.text(max_size=60))
def test_a_kept_name_is_printable_short_and_stays_as_it_is(typed: str) -> None:
    try:
        name = clean_name(typed)
    except RequestError:
        return
    assert 0 < len(name) <= 40
    assert name.isprintable()
    assert clean_name(name) == name
    assert 0 < len(name_key(name)) <= 160
    assert name_key(name_key(name)) == name_key(name)


@given(st.text(max_size=40))
def test_writing_a_name_otherwise_does_not_make_another_one(name: str) -> None:
    key = name_key(name)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert name_key(unicodedata.normalize(form, name)) == key
    assert name_key(f"  {name} ") == key


@pytest.mark.parametrize(
    ("one", "other"), [("Straße", "STRASSE"), ("ﬁn", "FIN"), ("ann", "ａＮn"), ("Ⅸ", "ix")]
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("typed", ["ann", "ann@", "@example.org", "a b@c.de", "a@b\0.org", "a@b"])
def test_what_is_no_address_is_refused(django_ready: None, typed: str) -> None:
    with pytest.raises(RequestError) as refused:
        clean_email(typed)
    assert (refused.value.status, refused.value.code) == (422, "email")


def test_no_address_is_fine() -> None:
    assert clean_email("  ") == ""
