"""What is kept of where a colleague was, and how far that is from a record's address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.place import COARSE_METRES, Coordinates, Place, distance, kept, kept_distance

BUND, TOWER = (31.2397, 121.4906), (31.2336, 121.5055)
BEIJING = (39.9042, 116.4074)
degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("how", "lat", "lng"),
    [(Coordinates.EXACT, 31.239712, 121.490634), (Coordinates.COARSE, 31.24, 121.49), (Coordinates.NONE, 0.0, 0.0)],
)
def test_coordinates_are_kept_as_the_organisation_says_and_the_address_as_typed(
    how: Coordinates, lat: float, lng: float
) -> None:
    assert kept(Place("外滩1号", 31.239712, 121.490634), how) == Place("外滩1号", lat, lng)


@pytest.mark.parametrize(
    ("here", "there", "kilometres"),
    [(BUND, TOWER, 1.57), (BUND, BEIJING, 1067), (BUND, BUND, 0), ((0, 179), (0, -179), 222)],
)
def test_a_distance_is_that_over_the_surface(
    here: tuple[float, float], there: tuple[float, float], kilometres: float
) -> None:
    assert distance(here, there) / 1000 == pytest.approx(kilometres, rel=0.01)


@given(degrees, degrees)
def test_a_distance_is_the_same_both_ways_and_at_most_half_around_the_earth(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    assert 0 <= distance(here, there) == distance(there, here) <= 20_016_000


def test_a_distance_is_as_exact_as_the_coordinates() -> None:
    place, address = Place("x", *BUND), {"lat": TOWER[0], "lng": TOWER[1]}
    exact, coarse = (kept_distance(place, address, how) for how in (Coordinates.EXACT, Coordinates.COARSE))
    assert exact is not None
    assert coarse is not None
    assert coarse % COARSE_METRES == 0
    assert 0 <= coarse - exact < COARSE_METRES
    assert kept_distance(place, address, Coordinates.NONE) is None


@pytest.mark.parametrize("address", [None, "南京路", {}, {"lat": 0.0, "lng": 0.0}, {"lat": "x", "lng": None}])
def test_from_where_is_not_known_there_is_no_distance(address: object) -> None:
    assert kept_distance(Place("x", *BUND), address, Coordinates.EXACT) is None  # type: ignore[arg-type]
    assert kept_distance(Place("x"), {"lat": 1.0, "lng": 1.0}, Coordinates.EXACT) is None
