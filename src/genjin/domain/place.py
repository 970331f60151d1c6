"""Where somebody was. Coordinates tell where a colleague is: they are kept only as the organisation allows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from genjin.domain.json import JsonValue

EARTH_METRES = 6_371_000
COARSE_DIGITS = 2
"""Decimals of a coarse degree: about a kilometre."""
COARSE_METRES = 100
"""What a distance is rounded up to beside coarse coordinates."""


class Coordinates(StrEnum):
    """How exactly an organisation keeps the coordinates of its colleagues."""

    EXACT = "exact"
    COARSE = "coarse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry was written: what was typed, and degrees north and east (0.0, 0.0 when not told)."""

    detail: str = ""
    lat: float = 0.0
    lng: float = 0.0


def kept(place: Place, how: Coordinates) -> Place:
    """The place as it may be stored."""
    if how is Coordinates.EXACT:
        return place
    if how is Coordinates.NONE:
        return replace(place, lat=0.0, lng=0.0)
    return replace(place, lat=round(place.lat, COARSE_DIGITS), lng=round(place.lng, COARSE_DIGITS))


def kept_distance(place: Place, address: JsonValue, how: Coordinates) -> int | None:
    """Metres from a record's address to a place, as they may be stored; None where one of the two is not known."""
    if how is Coordinates.NONE or not isinstance(address, Mapping):
        return None
    there = _degrees(address.get("lat")), _degrees(address.get("lng"))
    here = place.lat, place.lng
    if (0.0, 0.0) in (here, there):
        return None
    metres = distance(here, there)
    return metres if how is Coordinates.EXACT else -(-metres // COARSE_METRES) * COARSE_METRES


def distance(here: tuple[float, float], there: tuple[float, float]) -> int:
    """Metres between two pairs of degrees north and east, over the surface (haversine)."""
    lat, lng, other_lat, other_lng = map(radians, (*here, *there))
    chord = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lng - lng) / 2) ** 2
    return round(2 * EARTH_METRES * asin(min(1.0, sqrt(chord))))


def _degrees(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
