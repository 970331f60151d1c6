"""Reads parameters as Ruby on Rails (Rack 3's nested query parser) does: query, form, multipart and JSON give one tree.

Pure: takes bytes or text, gives plain dicts and lists, raises nothing but `Invalid`. Knows no parameter by name.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

import orjson

from genjin.errors import Invalid

Value: TypeAlias = "None | bool | int | float | str | list[Value] | dict[str, Value]"
Params: TypeAlias = dict[str, Value]

MAX_DEPTH = 32
"""How many dicts and lists may lie inside each other, below the top; a bracket pair in a name is one."""
MAX_PAIRS = 4096
_LARGEST_NUMBER = 2.0**63
_APPEND = ""
"""The step of a path that `[]` stands for. No key is empty, so it cannot be mistaken for one."""

_Path: TypeAlias = tuple[str, ...]


def parse_query(query: bytes | str) -> Params:
    """Read `a=1&b[c]=2`, as it stands in a URL or in an urlencoded body.

    `+` is a space, only `&` separates. A name without `=` has the value "" (Rails: nil), and a `%` that no two hex
    digits follow stands for itself (Rails: an error).
    """
    # A lone surrogate is let through here, so that the decoding below refuses it together with the parameter's name.
    raw = query.encode("utf-8", "surrogatepass") if isinstance(query, str) else query
    return parse_pairs(_decoded_pairs(raw))


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> Params:
    """Build the tree from names such as `a`, `a[b]`, `a[]`, `a[][b]` and `a[0][b]`, in the order in which they came.

    `a[][b]` begins a new dict when the last one has that key already; index keys stay keys (see `as_list`); the last
    scalar wins; an empty name is ignored. A bracket that does not pair is part of the key: `a[` is the key "a[", and
    `a[b` is {"a": {"[b": ...}}.
    """
    tree: Params = {}
    for count, (name, value) in enumerate(pairs, start=1):
        if count > MAX_PAIRS:
            raise Invalid({"params": ["参数过多"]})
        _refuse_unstorable(name, _label(name))
        _refuse_unstorable(value, _label(name))
        if path := _path(name):
            _put(tree, path, value, name)
    return tree


def parse_json(body: bytes) -> Params:
    """Read a JSON body. Nothing is {}; what is not an object becomes {"_json": value}, as in Rails.

    Names at the top may have brackets, because clients send form fields as JSON: they are read as in a form, and a list
    under `a[]` gives the items of `a`. Further down a bracket is a plain character: custom fields have them in names.
    """
    if not body.strip():
        return {}
    try:
        value: Value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid({"body": ["不是有效的JSON"]}) from error
    tree: Params = {}
    for name, part in (value if isinstance(value, dict) else {"_json": value}).items():
        _refuse_unstorable(name, "body")
        path = _path(name)
        _check_json(part, MAX_DEPTH - (len(path) - 1))
        if path:
            _put(tree, path, part, name)
    return tree


def merge(*trees: Params) -> Params:
    """Lay trees over each other; the later wins: query, then body, then path. The given trees are not changed.

    Rails replaces a whole top-level dict. We merge dicts deeply, because a client may put one part of `customer[...]`
    into the URL and the rest into the body, and no part of it should be lost. Lists are replaced.
    """
    merged: Params = {}
    for tree in trees:
        for name, value in tree.items():
            old = merged.get(name)
            merged[name] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def text(params: Params, name: str, default: str = "") -> str:
    """The text of a parameter, by its key or its full name (`customer[name]`); `default` when it is missing or null.

    A number is its decimal text (never an exponent, and 5.0 is "5"), a bool "true" or "false". A list or a dict raises
    Invalid.
    """
    value = _find(params, name)
    if value is None:
        return default
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return decimal_text(value)
    raise Invalid({_label(name): ["应为文本"]})


def decimal_text(number: int | float) -> str:
    """A number as a text: never an exponent, and 5.0 is "5"."""
    return format(Decimal(repr(number)), "f").removesuffix(".0")


def subtree(params: Params, name: str) -> Params:
    """The dict under a key or a full name; {} when it is missing, null, "" or [] (PHP's empty dict); else Invalid."""
    value = _find(params, name)
    if _is_blank(value):
        return {}
    if not isinstance(value, dict):
        raise Invalid({_label(name): ["应为对象"]})
    return value


def as_list(value: Value) -> list[Value]:
    """The items of a list, or of {"0": ..., "1": ...} in numeric order, or the one value itself; a blank has none."""
    if _is_blank(value):
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and all(key.isascii() and key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=_numeric_order)]
    return [value]


def _decoded_pairs(query: bytes) -> Iterator[tuple[str, str]]:
    for part in query.split(b"&"):
        if part := part.lstrip(b" "):  # as Rack does
            name, _, value = part.partition(b"=")
            yield _decoded(name, name), _decoded(value, name)


def _decoded(encoded: bytes, name: bytes) -> str:
    try:
        return _unquoted(encoded).decode()
    except UnicodeDecodeError as error:
        raise Invalid({_label(_unquoted(name).decode(errors="replace")): ["不是有效的UTF-8"]}) from error


def _unquoted(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))


def _path(name: str) -> _Path:
    """`a[b][][c]` -> ("a", "b", "", "c"); "" -> (). What does not fit the pattern is a literal key, as in Rack."""
    if name.count("[") > MAX_DEPTH:
        raise Invalid({_label(name): ["嵌套过深"]})
    start = name.find("[", 1)
    if start < 0 or name[start:] == "[":
        return (name,) if name else ()
    path, rest = [name[:start]], name[start:]
    while rest:
        end = rest.find("]") if rest.startswith("[") else -1
        if end < 0:
            path.append(rest)
            break
        path.append(rest[1:end])
        rest = rest[end + 1 :]
    return tuple(path)


def _put(node: Params, path: _Path, value: Value, name: str) -> None:
    """Set the value at the path below the node. `name` is the parameter's full name, for the error."""
    key, rest = path[0], path[1:]
    old = node.get(key)
    if not rest:
        node[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    elif rest[0] == _APPEND:
        items: Value = [] if _is_blank(old) else old
        if not isinstance(items, list):
            raise _conflict(name)
        node[key] = items
        _append(items, rest[1:], value, name)
    else:
        child: Value = {} if _is_blank(old) else old
        if not isinstance(child, dict):
            raise _conflict(name)
        node[key] = child
        _put(child, rest, value, name)


def _append(items: list[Value], rest: _Path, value: Value, name: str) -> None:
    last = items[-1] if items else None
    if not rest:
        # Only JSON has a list here: {"ids[]": [1, 2]} is what a form sends as ids[]=1&ids[]=2.
        items.extend(value if isinstance(value, list) else [value])
    elif rest[0] == _APPEND:
        inner: list[Value] = []
        items.append(inner)
        _append(inner, rest[1:], value, name)
    elif isinstance(last, dict) and not _has(last, rest):
        _put(last, rest, value, name)
    else:
        fresh: Params = {}
        items.append(fresh)
        _put(fresh, rest, value, name)


def _has(tree: Params, path: _Path) -> bool:
    """Whether the path is taken already. One with `[]` in it never is: there is always room for another item."""
    node: Value = tree
    for key in path:
        if key == _APPEND or not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return True


def _find(params: Params, name: str) -> Value:
    node: Value = params
    for key in _path(name):
        if _is_blank(node):
            return None
        if not isinstance(node, dict):
            raise Invalid({_label(name): ["应为对象"]})
        node = node.get(key)
    return node


def _check_json(value: Value, room: int) -> None:
    """Refuse what a form cannot say or the store cannot keep; `room` is how many levels may still follow."""
    if isinstance(value, str):
        _refuse_unstorable(value, "body")
    elif isinstance(value, float) and abs(value) >= _LARGEST_NUMBER:
        # An integer beyond 64 bits was read as a float. Its last digits are lost, so it must not pass for an id.
        raise Invalid({"body": ["数字过大"]})
    elif isinstance(value, dict | list):
        if room <= 0:
            raise Invalid({"body": ["嵌套过深"]})
        if isinstance(value, dict):
            for key in value:
                _refuse_unstorable(key, "body")
        for part in value.values() if isinstance(value, dict) else value:
            _check_json(part, room - 1)


def _refuse_unstorable(text: str, label: str) -> None:
    if "\0" in text:
        raise Invalid({label: ["含有空字符"]})  # PostgreSQL cannot store it
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid({label: ["不是有效的UTF-8"]}) from error


def _is_blank(value: Value) -> bool:
    """Blanks give way to a dict or list of the same name: Rails reads `a&a[b]=1` so, and `a=` says no more than `a`."""
    return value is None or value in ("", [])


def _numeric_order(index: str) -> tuple[int, str]:
    """Orders digits by their number without converting them, which Python refuses for thousands of digits."""
    digits = index.lstrip("0")
    return len(digits), digits


def _conflict(name: str) -> Invalid:
    return Invalid({_label(name): ["与同名参数冲突"]})


def _label(name: str) -> str:
    """The parameter's name, made fit to stand in an answer."""
    return name[:100].replace("\0", "").encode(errors="replace").decode() or "params"
