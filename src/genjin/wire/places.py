"""Places on the wire: a typed address, and degrees north and east."""

from collections.abc import Mapping

from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.wire import scalars
from genjin.wire.params import Params, Value, subtree

DEGREES: Mapping[str, float] = {"lat": 90.0, "lng": 180.0}
"""How far they go, either way."""
MAX_DETAIL = 20_000


def place_in(given: Params, errors: dict[str, list[str]]) -> Place:
    """The place that is told as `address_attributes[detail_address]`, or `detail_address`, with `lat` and `lng`.

    `lat` and `lng` may stand in `address_attributes` too. One of them alone tells no place.
    """
    parts = subtree(given, "address_attributes")
    details = (_detail(parts, "address_attributes.", errors), _detail(given, "", errors))
    detail = next(filter(None, details), "")
    told = {key: given if key in given else parts for key in DEGREES}
    degrees = {key: degrees_of(where, key, errors) for key, where in told.items()}
    if any(where.get(key) in (None, "") for key, where in told.items()):
        return Place(detail)
    return Place(detail, **degrees)


def _detail(given: Mapping[str, Value], prefix: str, errors: dict[str, list[str]]) -> str:
    told = given.get("detail_address")
    detail = "" if isinstance(told, dict | list) else scalars.text_of(told)
    if isinstance(told, dict | list):
        errors[f"{prefix}detail_address"] = ["应为文本"]
    if len(detail) > MAX_DETAIL:
        errors[f"{prefix}detail_address"] = [f"不能超过{MAX_DETAIL}个字符"]
    return detail


def degrees_of(given: Mapping[str, Value], key: str, errors: dict[str, list[str]], prefix: str = "") -> float:
    """Degrees as a number or its text; 0.0 for nothing, and for what is none, which is an error."""
    value, most = given.get(key), DEGREES[key]
    degree = 0.0 if value in (None, "") else scalars.decimal(value)
    if degree is None or not -most <= degree <= most:
        errors[f"{prefix}{key}"] = [f"应为-{most:g}到{most:g}之间的数"]
        return 0.0
    return degree


def place_told(place: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A stored place as the parts of an address."""
    return {
        "detail_address": place.get("detail", ""),
        "lat": place.get("lat", 0.0),
        "lng": place.get("lng", 0.0),
    }
