"""The settings of an organisation."""

from collections.abc import Mapping
from typing import Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, note

SWITCH: Mapping[str, bool] = {"on": True, "off": False}


def organisation_set(
    approve_customers: Annotated[str, typer.Option(help="on or off: whether new customers wait for approval.")] = "",
    approve_contracts: Annotated[str, typer.Option(help="on or off: whether new contracts wait for approval.")] = "",
    coordinates: Annotated[str, typer.Option(help="exact, coarse or none: how places of colleagues are kept.")] = "",
    organisation: Organisation = "",
) -> None:
    """Say how an organisation works; what is not given stays as it is."""
    from genjin.domain.place import Coordinates
    from genjin.domain.records import RecordType
    from genjin.service.organisation.organisations import pick_organisation, set_approval, set_coordinates

    told = {RecordType.CUSTOMER: approve_customers, RecordType.CONTRACT: approve_contracts}
    if wrong := [value for value in told.values() if value not in ("", *SWITCH)]:
        fail(f"{wrong[0]!r} is neither on nor off.")
    if coordinates not in ("", *Coordinates):
        fail(f"{coordinates!r} is none of {', '.join(Coordinates)}.")
    wanted = {type_: SWITCH[value] for type_, value in told.items() if value}
    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        changed = set_approval(installation, chosen.id, wanted)
        if coordinates:
            changed = set_coordinates(installation, chosen.id, Coordinates(coordinates))
    for name in (type_.name.lower() for type_ in told):
        print(f"{name}s: {'new ones wait for approval' if name in changed.approvals else 'no approval'}")
    print(f"coordinates: {changed.coordinates}")
    note("What is there already stays as it is.")
