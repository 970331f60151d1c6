"""The settings of an organisation."""

from genjin.domain.place import Coordinates
from genjin.service.context import Installation
from genjin.service.organisation.organisations import pick_organisation
from tests.cli.running import Genjin


def test_approval_is_turned_on_and_off_for_each_type(genjin: Genjin, installation: Installation) -> None:
    version = pick_organisation(installation).version
    result = genjin("organisation", "set", "--approve-customers", "on")
    assert result.exit_code == 0, result.output
    assert result.stdout == "customers: new ones wait for approval\ncontracts: no approval\ncoordinates: coarse\n"
    assert pick_organisation(installation).approvals == {"customer"}
    assert pick_organisation(installation).version > version
    genjin("organisation", "set", "--approve-contracts", "on", "--approve-customers", "off")
    assert pick_organisation(installation).approvals == {"contract"}
    genjin("organisation", "set")
    assert pick_organisation(installation).approvals == {"contract"}


def test_what_is_neither_on_nor_off_is_refused(genjin: Genjin, installation: Installation) -> None:
    result = genjin("organisation", "set", "--approve-customers", "ja")
    assert result.exit_code == 1
    assert "'ja' is neither on nor off." in result.output
    assert pick_organisation(installation).approvals == frozenset()


def test_how_coordinates_are_kept_is_said_in_one_of_three_words(genjin: Genjin, installation: Installation) -> None:
    assert pick_organisation(installation).coordinates is Coordinates.COARSE
    result = genjin("organisation", "set", "--coordinates", "exact")
    assert result.stdout.endswith("coordinates: exact\n")
    assert pick_organisation(installation).coordinates is Coordinates.EXACT
    result = genjin("organisation", "set", "--coordinates", "fuzzy")
    assert result.exit_code == 1
    assert "'fuzzy' is none of exact, coarse, none." in result.output
    assert pick_organisation(installation).coordinates is Coordinates.EXACT
