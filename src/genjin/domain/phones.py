"""Telephone numbers: those that a record has, in the one form in which they are looked up; and their masked form
`134****2331` (decision 13). Digits may be full-width.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from genjin.domain.json import JsonValue
from genjin.domain.records import Record

_DIGIT = re.compile(r"\d")
_BETWEEN = re.compile(r"([,，;；、/|\n]+)")
"""What separates several numbers in one field."""
_IN_TEXT = re.compile(
    r"(?<!\d)(?:"
    r"(?:[+＋]?[8８][6６][- ]?)?[1１][3-9３-９]\d[- ]?\d{4}[- ]?\d{4}"  # a mobile number
    r"|[0０]\d{2,3}[- ]?\d{3,4}[- ]?\d{4}"  # a landline with its area code
    r"|[+＋]\d[\d -]{6,14}\d"  # one with a country code
    r")(?!\d)"
)
_STARS = "****"
_MASKED = re.compile(r"(?<!\d)(?:\d{3})?\*{4}(?:\d{4})?(?!\d)", re.ASCII)
_COUNTRY = "86"
SHORTEST = 7
"""No shorter number is told in part."""
NUMBER_FIELDS = frozenset({"tel", "phone", "mobile", "phones", "telephone", "cellphone"})
"""Details that hold telephone numbers which people are called by."""
FEWEST_DIGITS, MOST_DIGITS = 3, 20
_EXTENSION = re.compile(r"(转|分机|ext\.?|#|x)\s*\d+\s*$", re.IGNORECASE)


def phones_of(record: Record, number_fields: Collection[str] = ()) -> frozenset[str]:
    """The numbers of a record as `normal_number` writes them; `number_fields` are custom fields that hold some."""
    return numbers_in(record.details, number_fields)


def numbers_in(details: Mapping[str, JsonValue], number_fields: Collection[str] = ()) -> frozenset[str]:
    """The same of a record's details."""
    return frozenset(_numbers_in(details, NUMBER_FIELDS.union(number_fields), told=False))


def numbers_told(details: Mapping[str, JsonValue], number_fields: Collection[str] = ()) -> list[str]:
    """The numbers that a record's details have, each once, as they are written there."""
    return list(dict.fromkeys(_written_in(details, NUMBER_FIELDS.union(number_fields), told=False)))


def first_number(details: Mapping[str, JsonValue], number_fields: Collection[str] = ()) -> str:
    """The first of them; empty for none."""
    return next(iter(numbers_told(details, number_fields)), "")


def normal_numbers(text: str) -> list[str]:
    """Every number of a field that holds one or several."""
    return [number for part in _BETWEEN.split(text)[::2] if (number := normal_number(part))]


def normal_number(text: str) -> str:
    """A number as digits alone: without +86 or 0086, without its extension, a landline with its area code's 0.

    Empty for what is none.
    """
    text = _EXTENSION.sub("", text.strip())
    international = text[:1] in ("+", "＋")
    digits = "".join(str(int(digit)) for digit in _DIGIT.findall(text))
    abroad = digits.removeprefix("00") if digits.startswith("00") else digits if international else ""
    if abroad.startswith(_COUNTRY):
        digits = abroad.removeprefix(_COUNTRY)
        digits = digits if digits[:1] in ("0", "1") or len(digits) < SHORTEST else f"0{digits}"
    elif len(digits) == 13 and digits.startswith(f"{_COUNTRY}1"):
        digits = digits.removeprefix(_COUNTRY)
    elif len(digits) == 12 and digits.startswith("01") and digits[2] in "3456789":
        digits = digits[1:]
    return digits if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def _numbers_in(value: JsonValue, names: Collection[str], told: bool) -> Iterator[str]:
    """The numbers in a value; `told` is whether the name that it has says that it holds some."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _numbers_in(part, names, told or name in names)
    elif isinstance(value, str):
        yield from normal_numbers(value) if told else ()
    elif isinstance(value, Sequence):
        for part in value:
            yield from _numbers_in(part, names, told)
    elif told and type(value) is int:
        yield from normal_numbers(str(value))


def _written_in(value: JsonValue, names: Collection[str], told: bool) -> Iterator[str]:
    """As `_numbers_in`, as they are written."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _written_in(part, names, told or name in names)
    elif isinstance(value, str):
        yield from filter(None, map(str.strip, _BETWEEN.split(value)[::2])) if told else ()
    elif isinstance(value, Sequence):
        for part in value:
            yield from _written_in(part, names, told)
    elif told and type(value) is int:
        yield str(value)


def mask_number(number: str) -> str:
    """What is known to be a telephone number, or several of them, without the digits that tell whose it is."""
    return "".join(part if nth % 2 else _mask_one(part) for nth, part in enumerate(_BETWEEN.split(number)))


def mask_numbers_in(text: str) -> str:
    """A text with every telephone number in it masked; whatever else has digits stays."""
    return _IN_TEXT.sub(lambda found: _mask_one(found[0]), text)


def has_number(text: str) -> bool:
    """Whether something in a text would be masked."""
    return _DIGIT.search(text) is not None and mask_numbers_in(text) != text


def is_masked(number: str) -> bool:
    """Whether what stands in a field of numbers lacks the digits that tell whose it is."""
    return _STARS in number


def numbers_written(field: str, value: JsonValue, names: Collection[str]) -> Iterator[str]:
    """Every number in a value as it is written there: all that stands in fields of these names, and elsewhere what
    looks like one.
    """
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from numbers_written(name, part, names)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        text = str(value)
        told = _BETWEEN.split(text)[::2] if field in names else (found[0] for found in _IN_TEXT.finditer(text))
        yield from filter(None, map(str.strip, told))
    elif isinstance(value, Sequence):
        for part in value:
            yield from numbers_written(field, part, names)


def unmasked(text: str, numbers: Iterable[str]) -> str:
    """A text with these numbers in the place of their masked forms; those that have one form in their order."""
    by_form: dict[str, list[str]] = {}
    for number in numbers:
        by_form.setdefault(_mask_one(number), []).append(number)

    def number_of(found: re.Match[str]) -> str:
        some = by_form.get(found[0], [found[0]])
        return some.pop(0) if len(some) > 1 else some[0]

    return _MASKED.sub(number_of, text)


def digits_of(number: str) -> str:
    """Its digits alone, the full-width ones as usual ones."""
    return "".join(str(int(digit)) for digit in _DIGIT.findall(number))


def _mask_one(number: str) -> str:
    if _MASKED.fullmatch(number.strip()):
        return number
    digits = digits_of(number)
    if len(digits) == 13 and digits.startswith(_COUNTRY):
        digits = digits.removeprefix(_COUNTRY)
    if len(digits) < SHORTEST:
        return _STARS if number.strip() else number
    return (digits[:3] if len(digits) > SHORTEST + 2 else "") + _STARS + digits[-4:]
