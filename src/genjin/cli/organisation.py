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
    organisation: Organisation = "",
) -> None:
    """Say how an organisation works; what is not given stays as it is."""
    from genjin.domain.records import RecordType
    from genjin.service.organisations import pick_organisation, set_approval

    told = {RecordType.CUSTOMER: approve_customers, RecordType.CONTRACT: approve_contracts}
    if wrong := [value for value in told.values() if value not in ("", *SWITCH)]:
        fail(f"{wrong[0]!r} is neither on nor off.")
    wanted = {type_: SWITCH[value] for type_, value in told.items() if value}
    with opened() as installation:
        changed = set_approval(installation, pick_organisation(installation, organisation).id, wanted)
    for name in (type_.name.lower() for type_ in told):
        print(f"{name}s: {'new ones wait for approval' if name in changed.approvals else 'no approval'}")
    note("What is there already stays as it is.")
