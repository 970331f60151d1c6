"""Where made-up visits take place: streets that nobody finds, around the middle of real cities."""

from random import Random

from genjin.domain.place import Place

_STREETS = ("示例", "样板", "演示", "虚构", "示范")
_COORDINATES = {
    "上海": (31.2304, 121.4737),
    "杭州": (30.2741, 120.1551),
    "苏州": (31.2989, 120.5853),
    "宁波": (29.8683, 121.5440),
    "南京": (32.0603, 118.7969),
    "嘉兴": (30.7461, 120.7556),
    "无锡": (31.4912, 120.3119),
}


def place_in(rng: Random, city: str) -> Place:
    """Some address of a city."""
    lat, lng = _COORDINATES.get(city, _COORDINATES["上海"])
    detail = f"{city}市{rng.choice(_STREETS)}路{rng.randint(1, 300)}号{rng.randint(1, 20)}楼"
    north, east = rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05)
    return Place(detail, round(lat + north, 6), round(lng + east, 6))


def beside(rng: Random, place: Place) -> Place:
    """The same address, as a telephone finds it: some metres off."""
    return Place(
        place.detail,
        round(place.lat + rng.uniform(-0.0008, 0.0008), 6),
        round(place.lng + rng.uniform(-0.0008, 0.0008), 6),
    )
