"""What callers like best of what could be answered: the one reader of the Accept headers (RFC 9110, section 12.4.2)."""

import re
from collections.abc import Mapping
from functools import lru_cache

_WEIGHT = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")


@lru_cache(maxsize=256)
def likes(header: str) -> Mapping[str, float]:
    """How much each of what a header names is liked, 0 to 1, in the header's order, by its name in small letters, with
    its parameters: `text/csv;charset=utf-8`. A weight that makes no sense is 0.
    """
    told: dict[str, float] = {}
    for each in header.lower().split(","):
        parts = ["".join(part.split()) for part in each.split(";")]
        weights = [part.removeprefix("q=") for part in parts[1:] if part.startswith("q=")]
        weight = weights[0] if weights else "1"
        name = ";".join(part for part in parts if part and not part.startswith("q="))
        told[name] = float(weight) if _WEIGHT.fullmatch(weight) else 0.0
    return told
