"""Every field of a form may be hidden by its name on the wire, whatever column or detail holds it."""

from dataclasses import replace
from typing import Any

import pytest

from genjin.domain.directory import Directory
from genjin.domain.people import DataScope, Organisation, Rights
from genjin.domain.policy import Viewer
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record
from genjin.domain.sight import NEVER_HIDDEN, sight_of, wire_name
from genjin.wire.records.forms import FORMS, Form
from genjin.wire.records.record import record_to_wire

DIRECTORY = Directory(Organisation(1, "长江贸易", "wwj0001"))
NOTHING: tuple[Any, ...] = ("", 0, [], {}, None)
FROM_IT = {"total_amount": "unreceived_amount", "address": "phones_data"}
"""What is computed from a field goes with it."""
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.plural)


@every_form
def test_every_column_has_the_name_that_its_form_gives_it(form: Form) -> None:
    named = {field.column: field.name for field in form.fields if field.column}
    assert {column: wire_name(form.type, column) for column in named} == named


@every_form
def test_every_field_is_shown_until_a_role_hides_it(form: Form) -> None:
    filled = _filled(form)
    for field in form.fields:
        if field.name in NEVER_HIDDEN:
            continue
        before, after = _shown(filled, Rights()), _shown(filled, Rights(frozenset({f"{form.singular}.{field.name}"})))
        changed = {name for name in before if before[name] != after[name]}
        assert field.name in changed
        labels = {f"{field.name}_{told}" for told in ("mapped", "display", "i18n")}
        assert changed <= {field.name, FROM_IT.get(field.name), *labels}
        told = after[field.name]
        parts = told.values() if isinstance(told, dict) else [told]
        assert all(part in NOTHING for part in parts)


def _filled(form: Form) -> Record:
    """A record with something in each field."""
    record = Record(form.type, 9, "名称", 31, 31, 12, 1, 1)
    values: dict[str, Any] = {"labels": ["重点"], "address": {"tel": "13400002331"}, "sign_possibility": 50}
    for field in form.fields:
        value = values.get(field.name, 7 if field.column in ("amount", "customer_id", "opportunity_id") else "43")
        if field.column:
            record = replace(record, **{field.column: value})
        else:
            record = replace(record, details={**record.details, field.name: value})
    return record


def _shown(record: Record, rights: Rights) -> dict[str, Any]:
    viewer = Viewer(1, 31, DataScope.ALL, rights=rights)
    sight = sight_of(viewer, record)
    return dict(record_to_wire(RecordView(sight.record(record), {}, sight), viewer, DIRECTORY))
