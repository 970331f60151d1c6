"""Every way of sending parameters gives the same tree, and junk is refused by name."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus, urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.errors import Invalid
from genjin.wire.params import (
    MAX_DEPTH,
    MAX_PAIRS,
    Params,
    Value,
    as_list,
    merge,
    parse_json,
    parse_pairs,
    parse_query,
    subtree,
    text,
)

QUERIES: list[tuple[str, Params]] = [
    ("", {}),
    ("a=1", {"a": "1"}),
    ("a=1&a=2", {"a": "2"}),
    ("a", {"a": ""}),
    ("a=", {"a": ""}),
    ("a=b=c", {"a": "b=c"}),
    ("&&a=1&", {"a": "1"}),
    ("a=1& b=2", {"a": "1", "b": "2"}),
    ("a=1;b=2", {"a": "1;b=2"}),
    ("=1&a=2", {"a": "2"}),
    ("a+b=c+d%2B", {"a b": "c d+"}),
    ("a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
    ("name=%E5%BC%A0%E4%B8%89", {"name": "张三"}),
    ("name=张三", {"name": "张三"}),
    ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
    ("a%5Bb%5D=1", {"a": {"b": "1"}}),
    ("a[b]=1&a[b]=2", {"a": {"b": "2"}}),
    ("a[b]=1&a=2", {"a": "2"}),
    ("a&a[b]=1", {"a": {"b": "1"}}),
    ("a=&a[]=1", {"a": ["1"]}),
    ("a[]=1&a[]=2", {"a": ["1", "2"]}),
    ("a[]=&a[]=2", {"a": ["", "2"]}),
    ("a[b][]=1&a[b][]=2", {"a": {"b": ["1", "2"]}}),
    ("a[][]=1&a[][]=2", {"a": [["1"], ["2"]]}),
    ("a[][b]=1&a[][c]=2&a[][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
    ("a[][b][c]=1&a[][b][d]=2&a[][b][c]=3", {"a": [{"b": {"c": "1", "d": "2"}}, {"b": {"c": "3"}}]}),
    ("a[][b][]=1&a[][b][]=2&a[][c]=3", {"a": [{"b": ["1", "2"], "c": "3"}]}),
    ("a[][b][][c]=1&a[][b][][d]=2&a[][b][][c]=3", {"a": [{"b": [{"c": "1", "d": "2"}, {"c": "3"}]}]}),
    ("a[]=1&a[][b]=2", {"a": ["1", {"b": "2"}]}),
    ("a[0][b]=1&a[1][b]=2", {"a": {"0": {"b": "1"}, "1": {"b": "2"}}}),
    ("a[=1", {"a[": "1"}),
    ("a[b=1", {"a": {"[b": "1"}}),
    ("a]=1", {"a]": "1"}),
    ("a[b]c=1", {"a": {"b": {"c": "1"}}}),
    ("[]=1", {"[]": "1"}),
    ("[a]=1", {"[a]": "1"}),
    ("[a][b]=1", {"[a]": {"b": "1"}}),
]

JSON_BODIES: list[tuple[str, Params]] = [
    ("", {}),
    (" \r\n", {}),
    ("{}", {}),
    ('{"a": [1, -2.5, true, null, "x", {}, []]}', {"a": [1, -2.5, True, None, "x", {}, []]}),
    ('{"a": 18446744073709551615}', {"a": 2**64 - 1}),
    ("[1, 2]", {"_json": [1, 2]}),
    ("7", {"_json": 7}),
    ("null", {"_json": None}),
    ('{"": 1, "a": {"": 2}}', {"a": {"": 2}}),
    ('{"customer[name]": "x", "customer[tags][]": "y"}', {"customer": {"name": "x", "tags": ["y"]}}),
    ('{"customer[name]": "x", "customer": {"note": "y"}}', {"customer": {"name": "x", "note": "y"}}),
    ('{"customer": {"note": "y"}, "customer[name]": "x"}', {"customer": {"name": "x", "note": "y"}}),
    ('{"customer": null, "customer[name]": "x"}', {"customer": {"name": "x"}}),
    ('{"customer": [], "customer[name]": "x"}', {"customer": {"name": "x"}}),
    ('{"ids[]": [1, 2]}', {"ids": [1, 2]}),
    ('{"ids[]": 1}', {"ids": [1]}),
    ('{"ids[]": []}', {"ids": []}),
    ('{"row": {"预算[万元]": 3}}', {"row": {"预算[万元]": 3}}),
]

REFUSED: list[tuple[Callable[[], Params], str, str]] = [
    (lambda: parse_query("a=1&a[b]=2"), "a[b]", "与同名参数冲突"),
    (lambda: parse_query("a=1&a[]=2"), "a[]", "与同名参数冲突"),
    (lambda: parse_query("a[]=1&a[b]=2"), "a[b]", "与同名参数冲突"),
    (lambda: parse_query("a[b]=1&a[]=2"), "a[]", "与同名参数冲突"),
    (lambda: parse_query("a[b]=1&a[b][c]=2"), "a[b][c]", "与同名参数冲突"),
    (lambda: parse_query("a[][b]=1&a[][b][c]=2"), "a[][b][c]", "与同名参数冲突"),
    (lambda: parse_query("customer[name]=%ff"), "customer[name]", "不是有效的UTF-8"),
    (lambda: parse_query(b"a=\xff"), "a", "不是有效的UTF-8"),
    (lambda: parse_query("a=\ud800"), "a", "不是有效的UTF-8"),
    (lambda: parse_query("%ff=1"), "\ufffd", "不是有效的UTF-8"),
    (lambda: parse_query("=%ff"), "params", "不是有效的UTF-8"),
    (lambda: parse_query("a[b]=1%00"), "a[b]", "含有空字符"),
    (lambda: parse_query("a%00=1"), "a", "含有空字符"),
    (lambda: parse_pairs([("a", "x\udfff")]), "a", "不是有效的UTF-8"),
    (lambda: parse_pairs([("a\udfff", "x")]), "a?", "不是有效的UTF-8"),
    (lambda: parse_json(b"{"), "body", "不是有效的JSON"),
    (lambda: parse_json(b"a=1"), "body", "不是有效的JSON"),
    (lambda: parse_json(b'{"a": NaN}'), "body", "不是有效的JSON"),
    (lambda: parse_json(b'{"a": 1e999}'), "body", "不是有效的JSON"),
    (lambda: parse_json(b'{"a": "\xff"}'), "body", "不是有效的JSON"),
    (lambda: parse_json(b'{"a": "\\ud800"}'), "body", "不是有效的JSON"),
    (lambda: parse_json(b'{"a": 18446744073709551616}'), "body", "数字过大"),
    (lambda: parse_json(b'{"a": [-9223372036854775809]}'), "body", "数字过大"),
    (lambda: parse_json(b'{"a": ["\\u0000"]}'), "body", "含有空字符"),
    (lambda: parse_json(b'{"a": {"\\u0000": 1}}'), "body", "含有空字符"),
    (lambda: parse_json(b'{"\\u0000": 1}'), "body", "含有空字符"),
    (lambda: parse_json(b'"\\u0000"'), "body", "含有空字符"),
    (lambda: parse_json(b'{"a": 1, "a[b]": 2}'), "a[b]", "与同名参数冲突"),
]


@pytest.mark.parametrize(("query", "tree"), QUERIES)
def test_a_query_gives_the_tree_that_rack_gives(query: str, tree: Params) -> None:
    assert parse_query(query) == tree
    assert parse_query(query.encode()) == tree


@pytest.mark.parametrize(("body", "tree"), JSON_BODIES)
def test_a_json_body_gives_the_same_tree_as_a_form(body: str, tree: Params) -> None:
    assert parse_json(body.encode()) == tree


@pytest.mark.parametrize(("parse", "field", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_by_name(parse: Callable[[], Params], field: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse()
    assert refused.value.errors == {field: [message]}


def test_the_parameter_named_in_an_error_is_cut_and_can_be_sent() -> None:
    with pytest.raises(Invalid) as refused:
        parse_pairs([("名" * 5000 + "\0", "1")])
    assert refused.value.errors == {"名" * 100: ["含有空字符"]}


def test_brackets_are_read_down_to_the_limit_and_no_further() -> None:
    assert _depth(parse_query("a" + "[b]" * MAX_DEPTH + "=1")) == MAX_DEPTH
    assert _depth(parse_query("a" + "[]" * MAX_DEPTH + "=1")) == MAX_DEPTH
    for name in ("a" + "[b]" * (MAX_DEPTH + 1), "a" + "[" * 1_000_000):
        with pytest.raises(Invalid) as refused:
            parse_query(name + "=1")
        assert refused.value.errors == {name[:100]: ["嵌套过深"]}


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"b":', "}")])
def test_json_is_read_as_deep_as_brackets_are(opening: str, closing: str) -> None:
    def body(name: str, depth: int) -> bytes:
        return f'{{"{name}": {opening * depth}1{closing * depth}}}'.encode()

    assert _depth(parse_json(body("a", MAX_DEPTH))) == MAX_DEPTH
    assert _depth(parse_json(body("a[b]", MAX_DEPTH - 1))) == MAX_DEPTH
    for too_deep in (body("a", MAX_DEPTH + 1), body("a[b]", MAX_DEPTH), body("a", 1000)):
        with pytest.raises(Invalid) as refused:
            parse_json(too_deep)
        assert refused.value.errors == {"body": ["嵌套过深"]}
    with pytest.raises(Invalid):
        parse_json(body("a", 1_000_000))


def test_pairs_are_read_up_to_the_limit_and_no_further() -> None:
    assert parse_query("&".join(["a[]=1"] * MAX_PAIRS)) == {"a": ["1"] * MAX_PAIRS}
    with pytest.raises(Invalid) as refused:
        parse_query("&".join(["a[]=1"] * (MAX_PAIRS + 1)))
    assert refused.value.errors == {"params": ["参数过多"]}


def test_an_endless_stream_of_pairs_is_left_unread() -> None:
    def endless() -> Iterator[tuple[str, str]]:
        while True:
            yield "a", "1"

    with pytest.raises(Invalid):
        parse_pairs(endless())


def test_the_worst_names_within_the_limits_are_read_quickly() -> None:
    name = "a" + "[][b]" * (MAX_DEPTH // 2)
    started = time.perf_counter()
    parse_pairs([(name, "1")] * MAX_PAIRS)
    assert time.perf_counter() - started < 2


def test_later_trees_win_and_dicts_are_merged_deeply() -> None:
    query: Params = {"id": "1", "customer": {"name": "old", "address": {"tel": "1"}}, "ids": ["1", "2"]}
    body: Params = {"customer": {"name": "new", "address": {"qq": "2"}}, "ids": ["3"]}
    path: Params = {"id": "9"}
    assert merge(query, body, path) == {
        "id": "9",
        "customer": {"name": "new", "address": {"tel": "1", "qq": "2"}},
        "ids": ["3"],
    }
    assert query == {"id": "1", "customer": {"name": "old", "address": {"tel": "1"}}, "ids": ["1", "2"]}
    assert merge({"a": {"b": "1"}}, {"a": ""}) == {"a": ""}
    assert merge() == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        ("", ""),
        (None, "default"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (2**64 - 1, "18446744073709551615"),
        (5.0, "5"),
        (0.5, "0.5"),
        (1e-7, "0.0000001"),
        (13800138000.0, "13800138000"),
        (1e18, "1000000000000000000"),
    ],
)
def test_a_scalar_is_read_as_its_text(value: Value, expected: str) -> None:
    assert text({"a": value}, "a", "default") == expected
    assert text({"a": {"b": value}}, "a[b]", "default") == expected


def test_a_missing_text_is_the_default() -> None:
    assert text({}, "a") == ""
    assert text({}, "a", "x") == "x"
    assert text({}, "a[b]", "x") == "x"
    assert text({"a": ""}, "a[b]", "x") == "x"


@pytest.mark.parametrize(
    ("params", "name"),
    [({"a": ["x"]}, "a"), ({"a": {"b": "x"}}, "a"), ({"a": {"b": []}}, "a[b]"), ({"a": "x"}, "a[b]")],
)
def test_what_is_no_text_is_refused_by_its_full_name(params: Params, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        text(params, name)
    assert list(refused.value.errors) == [name]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("", []),
        ([], []),
        ({}, []),
        ("x", ["x"]),
        (0, [0]),
        (False, [False]),
        (["x", ""], ["x", ""]),
        ({"10": "c", "2": "b", "0": "a"}, ["a", "b", "c"]),
        ({"0": {"b": "1"}, "1": {"b": "2"}}, [{"b": "1"}, {"b": "2"}]),
        ({"9" * 5000: "b", "8": "a"}, ["a", "b"]),
        ({"b": "1"}, [{"b": "1"}]),
        ({"0": "1", "b": "2"}, [{"0": "1", "b": "2"}]),
        ({"٣": "1"}, [{"٣": "1"}]),
    ],
)
def test_every_value_can_be_read_as_a_list(value: Value, expected: list[Value]) -> None:
    assert as_list(value) == expected


def test_a_subtree_is_the_dict_under_a_name() -> None:
    params: Params = {"a": {"b": {"c": "1"}}, "null": None, "empty": "", "php": []}
    assert subtree(params, "a") == {"b": {"c": "1"}}
    assert subtree(params, "a[b]") == {"c": "1"}
    for name in ("missing", "null", "empty", "php", "a[missing]", "empty[b]"):
        assert subtree(params, name) == {}


@pytest.mark.parametrize("value", ["x", 0, False, ["x"]])
def test_a_scalar_or_list_where_a_dict_should_be_is_refused(value: Value) -> None:
    cases: list[tuple[Params, str]] = [({"a": value}, "a"), ({"a": {"b": value}}, "a[b]"), ({"a": value}, "a[b]")]
    for params, name in cases:
        with pytest.raises(Invalid) as refused:
            subtree(params, name)
        assert refused.value.errors == {name: ["应为对象"]}


characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
words = st.text(characters, max_size=8)
keys = st.text(characters.filter(lambda character: character not in "[]"), min_size=1, max_size=5)
branches: st.SearchStrategy[Value] = st.recursive(
    st.one_of(words, st.lists(words, min_size=1, max_size=4)),
    lambda children: st.dictionaries(keys, children, min_size=1, max_size=4),
    max_leaves=8,
)
trees = st.dictionaries(keys, branches, max_size=4)


@given(trees)
@settings(deadline=None)
def test_a_tree_sent_as_a_form_comes_back_as_it_was(tree: Params) -> None:
    pairs = list(_pairs(tree))
    assert parse_pairs(pairs) == tree
    assert parse_query(urlencode(pairs)) == tree
    raw_brackets = "&".join(f"{quote_plus(name, safe='[]')}={quote_plus(value)}" for name, value in pairs)
    assert parse_query(raw_brackets.encode()) == tree


@given(trees)
@settings(deadline=None)
def test_a_form_and_json_give_the_same_tree(tree: Params) -> None:
    form = parse_pairs(_pairs(tree))
    assert parse_json(orjson.dumps(tree)) == form
    assert parse_json(orjson.dumps(_form_fields(tree))) == form


@given(trees, trees)
@settings(deadline=None)
def test_merging_a_tree_with_itself_or_with_nothing_changes_nothing(first: Params, second: Params) -> None:
    assert merge(first, first) == merge(first, {}) == merge({}, first) == first
    merged = merge(first, second)
    assert merge(merged, second) == merged


@given(st.binary() | st.text() | st.text("ab[]=&%0+\0\ud800"))
@settings(deadline=None)
def test_a_junk_query_is_read_or_refused(junk: bytes | str) -> None:
    _read_or_refuse(lambda: parse_query(junk))


@given(st.binary() | st.text('{}[]",:ab01e-\\u \0').map(str.encode))
@settings(deadline=None)
def test_a_junk_json_body_is_read_or_refused(junk: bytes) -> None:
    _read_or_refuse(lambda: parse_json(junk))


json_values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("a[]\0", max_size=4),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text("a0[]\0", max_size=6), children, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text("ab0[]", max_size=8), json_values, max_size=4), st.text("ab0[]", max_size=8))
@settings(deadline=None)
def test_every_reading_gives_its_type_or_is_refused(params: Params, name: str) -> None:
    _read_or_refuse(lambda: {"text": text(params, name)})
    _read_or_refuse(lambda: subtree(params, name))
    assert isinstance(as_list(params.get(name)), list)


def _read_or_refuse(parse: Callable[[], Params]) -> None:
    """Anything but an answer or an Invalid that can itself be sent comes through and fails the test."""
    try:
        parse()
    except Invalid as refused:
        orjson.dumps(refused.errors)


def _pairs(tree: Params) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        yield from _pairs_below(key, value)


def _form_fields(tree: Params) -> dict[str, str | list[str]]:
    """The form as a client's flat JSON object: one name, one value, and several under a name that ends in `[]`."""
    fields: dict[str, str | list[str]] = {}
    for name, value in _pairs(tree):
        several = fields.setdefault(name, []) if name.endswith("[]") else None
        if isinstance(several, list):
            several.append(value)
        else:
            fields[name] = value
    return fields


def _pairs_below(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _pairs_below(f"{name}[{key}]", part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs_below(f"{name}[]", part)
    else:
        yield name, str(value)


def _depth(value: Value) -> int:
    """How many dicts and lists lie inside each other, without the outermost."""
    depth = -1
    while isinstance(value, dict | list):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        depth += 1
    return depth
