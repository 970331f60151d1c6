"""`genjin field`, `genjin option`, `genjin module`: forms, the choices in them, and what modules are called."""

from typing import Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, table

Form = Annotated[
    str, typer.Argument(metavar="FORM", help="lead, customer, contact, opportunity, contract or revisit_log.")
]
FieldName = Annotated[str, typer.Argument(metavar="NAME", help="Its name, such as text_asset_0a1b2c3d.")]
Label = Annotated[str, typer.Argument(metavar="LABEL", help="What people see.")]


def field_add(
    form: Form,
    label: Label,
    field_type: Annotated[str, typer.Option("--type", help="Such as text_field, select or date_field.")] = "text_field",
    choice: Annotated[list[str] | None, typer.Option(help="A choice of a select; may be repeated.")] = None,
    group: Annotated[str, typer.Option(help="What it stands under in the form.")] = "",
    required: Annotated[bool, typer.Option("--required", help="It has to be filled in.")] = False,
    organisation: Organisation = "",
) -> None:
    """Add a field to a form."""
    from genjin.domain.custom_field import NewField
    from genjin.service.organisation.custom_fields import add_field
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.wire.records.field_groups import BY_SINGULAR, FOLLOW_UP_FORM

    if form not in (*BY_SINGULAR, FOLLOW_UP_FORM):
        fail(f"There is no form {form!r}; there are: {', '.join((*BY_SINGULAR, FOLLOW_UP_FORM))}")
    type_ = BY_SINGULAR[form].type if form in BY_SINGULAR else None
    new = NewField(type_, label, field_type, group, required, choices=tuple(choice or ()))
    with opened() as installation:
        field = add_field(installation, pick_organisation(installation, organisation).id, new)
    print(f"{label} is the field {field.name}.")


def field_list(organisation: Organisation = "") -> None:
    """List the fields that were added."""
    from genjin.service.organisation.custom_fields import list_fields
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.wire.records.field_groups import FOLLOW_UP_FORM
    from genjin.wire.records.forms import FORMS

    with opened() as installation:
        found = list_fields(installation, pick_organisation(installation, organisation).id)
    rows = [
        (
            field.name,
            FORMS[field.record_type].singular if field.record_type else FOLLOW_UP_FORM,
            field.label,
            field.field_type,
            "、".join(choice.label for choice in field.choices),
            "" if field.enabled else "disabled",
        )
        for field in found
    ]
    table(("name", "form", "label", "type", "choices", "state"), rows)


def field_disable(name: FieldName, organisation: Organisation = "") -> None:
    """Take a field out of its form; what records hold in it is kept."""
    _enable(name, organisation, enabled=False)
    print(f"{name} is in no form any more.")


def field_enable(name: FieldName, organisation: Organisation = "") -> None:
    """Put a field back into its form."""
    _enable(name, organisation, enabled=True)
    print(f"{name} is in its form again.")


def option_add(
    field: Annotated[str, typer.Argument(metavar="LIST", help="A list such as lead.source or follow_up.category.")],
    label: Label,
    organisation: Organisation = "",
) -> None:
    """Add a choice at the end of a list."""
    from genjin.service.organisation.options import add_option
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        option = add_option(installation, pick_organisation(installation, organisation).id, field, label)
    print(f"{label} is the choice {option.id} of {field}.")


def option_list(organisation: Organisation = "") -> None:
    """List the choices of all lists."""
    from genjin.service.organisation.options import list_options
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        found = list_options(installation, pick_organisation(installation, organisation).id)
    table(("list", "id", "label"), [(option.field, option.id, option.label) for option in found])


def option_rename(
    option: Annotated[int, typer.Argument(metavar="ID", help="The choice's id.")],
    label: Label,
    organisation: Organisation = "",
) -> None:
    """Give a choice another label; old entries show it too."""
    from genjin.service.organisation.options import rename_option
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        rename_option(installation, pick_organisation(installation, organisation).id, option, label)
    print(f"{option} is called {label} now.")


def module_rename(
    module: Annotated[str, typer.Argument(metavar="MODULE", help="Lead, Customer, Contact, ... or RevisitLog.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people see; empty for the standard name.")],
    organisation: Organisation = "",
) -> None:
    """Call a module otherwise, in every text that shows its name."""
    from genjin.service.organisation.options import rename_module
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.wire.modules import STANDARD_NAMES

    if module not in STANDARD_NAMES:
        fail(f"There is no module {module!r}; there are: {', '.join(STANDARD_NAMES)}")
    with opened() as installation:
        rename_module(installation, pick_organisation(installation, organisation).id, module, name)
    print(f"{module} is called {name or STANDARD_NAMES[module]} now.")


def _enable(name: str, organisation: str, enabled: bool) -> None:
    from genjin.service.organisation.custom_fields import enable_field
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        enable_field(installation, pick_organisation(installation, organisation).id, name, enabled)
