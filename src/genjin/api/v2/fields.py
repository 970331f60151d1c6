"""The fields of forms, their choices, and what lists may be filtered by."""

from collections.abc import Callable

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import SignedIn
from genjin.service.audit import administrator
from genjin.service.organisation import custom_fields
from genjin.wire.records import field_groups
from genjin.wire.records.forms import Form

Handler = Callable[[SignedIn], Response]


def list_field_groups(call: SignedIn) -> Response:
    """The fields of one form, in their groups."""
    entity = call.request.path_params["form"]
    groups = field_groups.groups_of(entity, call.session.viewer, call.session.directory)
    return answer({"custom_field_groups": groups})


def list_all_field_groups(call: SignedIn) -> Response:
    """The fields of every form, in their groups."""
    return answer(field_groups.all_groups(call.session.viewer, call.session.directory))


def add_custom_field(call: SignedIn) -> Response:
    """Add a field to a form; for administrators."""
    administrator(call.session)
    field = custom_fields.add_field(call.installation, call.session, field_groups.new_field(call.params))
    return answer(field_groups.custom_to_wire(field, call.session.viewer))


def read_field_map(call: SignedIn) -> Response:
    """The choices of every list of a form."""
    entity = call.request.path_params["form"]
    return answer({"field_maps": field_groups.field_map(entity, call.session.directory)})


def filters_of(form: Form) -> Handler:
    """The handler that tells what a list may be filtered and sorted by."""

    def filter_sort_group(call: SignedIn) -> Response:
        """What the list may be filtered and sorted by."""
        return answer(field_groups.filters_and_sorts(form, call.session.directory))

    return filter_sort_group


def choices_of(form: Form) -> Handler:
    """The handler that tells the choices of one field of a list."""

    def filter_options(call: SignedIn) -> Response:
        """The choices of one field by which the list may be filtered."""
        name = call.request.path_params["field"]
        return answer({"filter_options": field_groups.choices_of(form, name, call.session.directory)})

    return filter_options
