"""Telephone numbers are found, masked and looked up in whatever way people write them, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.json import JsonValue
from genjin.domain.phones import (
    is_masked,
    mask_number,
    mask_numbers_in,
    normal_number,
    numbers_written,
    phones_of,
    unmasked,
)
from genjin.domain.records import Record, RecordType


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13400002331", "134****2331"),
        ("１３４００００２３３１", "134****2331"),
        ("134-0000-2331", "134****2331"),
        ("134 0000 2331", "134****2331"),
        ("+8613400002331", "134****2331"),
        ("+86 134 0000 2331", "134****2331"),
        ("021-55502331", "021****2331"),
        ("55502331", "****2331"),
        ("5550233", "****0233"),
        ("95555", "****"),
        ("转 8", "****"),
        ("13400002331,13400002332", "134****2331,134****2332"),
        ("13400002331、021-55502331", "134****2331、021****2331"),
        ("", ""),
    ],
)
def test_a_number_keeps_its_head_and_its_tail(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("换号了：13400002331，晚上打", "换号了：134****2331，晚上打"),
        ("１３４００００２３３１或13400002332", "134****2331或134****2332"),
        ("座机0755-55502331转801", "座机075****2331转801"),
        ("国外的 +1 555 010 2331", "国外的 155****2331"),
        ("微信同号13400002331@wx", "微信同号134****2331@wx"),
    ],
)
def test_numbers_in_a_text_are_masked(text: str, masked: str) -> None:
    assert mask_numbers_in(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2024-04-04 01:43",
        "2024-04-04T01:43:33.000+08:00",
        "订单20240404014401011",
        "¥1,234,567.50",
        "3462",
        "QQ 2233445566",
        "https://example.com/20240404014424.mp3",
        "",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert mask_numbers_in(text) == text


@given(st.integers(13_000_000_000, 19_999_999_999), st.text(st.characters(exclude_categories=["Nd", "Cs"])))
def test_no_mobile_number_survives_in_any_text(number: int, around: str) -> None:
    assert str(number) not in mask_numbers_in(f"{around}{number}{around}")
    assert str(number) not in mask_number(f"{around}{number}{around}")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13400002331", "13400002331"),
        ("１３４－００００－２３３１", "13400002331"),
        ("+86 134 0000 2331", "13400002331"),
        ("＋８６13400002331", "13400002331"),
        ("008613400002331", "13400002331"),
        ("8613400002331", "13400002331"),
        ("013400002331", "13400002331"),
        ("(021) 5550-2331", "02155502331"),
        ("+86 21 5550 2331", "02155502331"),
        ("021-55502331转801", "02155502331"),
        ("021-55502331 ext. 801", "02155502331"),
        ("+1 555 010 2331", "15550102331"),
        ("010-55502331", "01055502331"),
        ("95555", "95555"),
        ("12", ""),
        ("没有", ""),
        ("", ""),
        ("1" * 21, ""),
    ],
)
def test_a_number_has_one_form_however_it_is_written(written: str, number: str) -> None:
    assert normal_number(written) == number


@given(st.text())
def test_the_form_of_a_form_is_itself(text: str) -> None:
    number = normal_number(text)
    assert normal_number(number) == number
    assert number == "" or (number.isascii() and number.isdigit() and 3 <= len(number) <= 20)


def test_a_record_is_found_by_every_number_that_it_has() -> None:
    details: dict[str, JsonValue] = {
        "address": {"tel": "021-55502331", "phone": "13400002331、13400002332", "fax": "021-55502339", "zip": "200000"},
        "mobile": 13400002333,
        "note": "13400002334",
        "mobile_asset_a1": ["13400002335"],
        "text_asset_b2": "13400002336",
    }
    record = Record(RecordType.CONTACT, 1, "王芳", 1, 1, None, 0, 0, details=details)
    assert phones_of(record, ["mobile_asset_a1"]) == {
        "02155502331",
        "13400002331",
        "13400002332",
        "13400002333",
        "13400002335",
    }


words = st.sampled_from(["打", "，晚上", "或 ", "**微信**", "QQ 2233445566 ", "\n"])
numbers = st.sampled_from(["13400002331", "13411112331", "134-0000-2332", "021-55502331", "+86 134 0000 2333"])


@given(st.lists(st.tuples(words, numbers)))
def test_what_was_masked_in_a_text_is_found_again_in_it(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{word}{number}" for word, number in parts)
    shown = mask_numbers_in(text)
    assert all(number not in shown for _, number in parts)
    assert unmasked(shown, numbers_written("", text, ())) == text


@given(st.text("0123456789 -,+*", max_size=30))
def test_a_masked_number_is_masked_as_it_is(number: str) -> None:
    masked = mask_number(number)
    assert mask_number(masked) == masked
    assert is_masked(masked) or not masked.replace(",", "").strip()


def test_numbers_are_written_in_fields_and_texts() -> None:
    held: JsonValue = {
        "address": {"tel": "021-5550, 95555", "qq": "10001"},
        "note": "打13400002331",
        "tags": ["13400002332"],
    }
    assert list(numbers_written("", held, {"tel"})) == ["021-5550", "95555", "13400002331", "13400002332"]
