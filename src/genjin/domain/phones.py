"""Telephone numbers in texts, and their masked form `134****2331` (decision 13). Digits may be full-width."""

import re

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
_COUNTRY = "86"
SHORTEST = 7
"""No shorter number is told in part."""


def mask_number(number: str) -> str:
    """What is known to be a telephone number, or several of them, without the digits that tell whose it is."""
    return "".join(part if nth % 2 else _mask_one(part) for nth, part in enumerate(_BETWEEN.split(number)))


def mask_numbers_in(text: str) -> str:
    """A text with every telephone number in it masked; whatever else has digits stays."""
    return _IN_TEXT.sub(lambda found: _mask_one(found[0]), text)


def digits_of(number: str) -> str:
    """Its digits alone, the full-width ones as usual ones."""
    return "".join(str(int(digit)) for digit in _DIGIT.findall(number))


def _mask_one(number: str) -> str:
    digits = digits_of(number)
    if len(digits) == 13 and digits.startswith(_COUNTRY):
        digits = digits.removeprefix(_COUNTRY)
    if len(digits) < SHORTEST:
        return _STARS if number.strip() else number
    return (digits[:3] if len(digits) > SHORTEST + 2 else "") + _STARS + digits[-4:]
