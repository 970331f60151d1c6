"""Names are found by how they are said, and by the first letters of that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from genjin.domain.pinyin import initials_of, pinyin_of


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("郑老师", "zhenglaoshi", "zls"),
        ("重庆 IBM（中国）", "chongqingibm（zhongguo）", "cqzg"),
        ("IBM China", "ibmchina", ""),
        ("", "", ""),
        (None, "", ""),
    ],
)
def test_a_name_is_spelled(name: str | None, pinyin: str, initials: str) -> None:
    assert (pinyin_of(name), initials_of(name)) == (pinyin, initials)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.sampled_from("aB 1·（"), max_size=12))
@settings(max_examples=50)
def test_both_are_what_the_dictionary_says_of_each(name: str) -> None:
    assert pinyin_of(name) == "".join("".join(lazy_pinyin(name)).lower().split())
    first = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))
    assert initials_of(name) == first.lower()
