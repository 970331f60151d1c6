"""Which names are the same, and by what a record that is changed is compared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.duplicates import MAX_KEY, Traits, name_key, told_anew
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType

ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
TO_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("长江贸易", " 长江贸易\u3000"),
        ("ACME(China) Ltd", "Ａｃｍｅ（Ｃｈｉｎａ）\u3000ｌｔｄ"),
        ("Acme  China\tLtd", "acme china ltd"),
        ("ｱｲｳ商会", "アイウ商会"),
        ("Straße 5", "STRASSE ５"),
        ("㈱长江", "(株)长江"),
        ("e\u0301cole", "\u00c9COLE"),
    ],
)
def test_names_that_people_take_for_the_same_are(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("长江贸易", "长江贸易公司"), ("郑州一中", "郑州1中"), ("Acme Ltd", "AcmeLtd"), ("王", "玉")]
)
def test_names_that_differ_are_not_the_same(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(ASCII, st.text(" \t\n\u3000", max_size=3))
def test_neither_case_nor_width_nor_blanks_around_a_name_matter(name: str, blank: str) -> None:
    key = name_key(name)
    assert name_key(f"{blank}{name.swapcase().translate(TO_FULL_WIDTH)}{blank}") == key
    assert name_key(key) == key


@given(st.text(max_size=400))
def test_a_key_is_never_too_long_for_an_index(name: str) -> None:
    assert len(name_key(name)) <= MAX_KEY
    assert (name_key(name) == "") is (name.strip() == "")


def test_long_names_are_told_apart_to_their_end() -> None:
    assert name_key("长" * 255) == "长" * 255
    assert name_key("长" * 300 + "甲") == name_key("长" * 300 + "甲 ") != name_key("长" * 300 + "乙")


def test_a_record_is_compared_by_what_it_did_not_say_before() -> None:
    address = {"tel": "021-55502331", "phone": "134 0000 2331"}
    details: dict[str, JsonValue] = {"address": address, "mobile_asset_1": "13400002332"}
    lead = Record(RecordType.LEAD, 9, "郑老师", 31, 31, 12, 1, 1, details=details)
    told = frozenset({"02155502331", "13400002331", "13400002332"})
    assert told_anew(lead, None, {"mobile_asset_1"}) == Traits("郑老师", told)
    assert told_anew(replace(lead, name="郑老师 ", details={}), lead, {"mobile_asset_1"}) == Traits()
    changed = replace(lead, name="张老师", details={"address": {"tel": "13400002331", "phone": "13400002333"}})
    assert told_anew(changed, lead, ()) == Traits("张老师", frozenset({"13400002333"}))
