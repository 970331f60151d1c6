"""The settings of an organisation."""

from genjin.service.context import Installation
from genjin.service.organisations import pick_organisation
from tests.cli.running import Genjin


def test_approval_is_turned_on_and_off_for_each_type(genjin: Genjin, installation: Installation) -> None:
    version = pick_organisation(installation).version
    result = genjin("organisation", "set", "--approve-customers", "on")
    assert result.exit_code == 0, result.output
    assert result.stdout == "customers: new ones wait for approval\ncontracts: no approval\n"
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
