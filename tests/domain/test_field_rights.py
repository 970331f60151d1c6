"""Who may not see or change a field does not write it, and what comes back as it was shown changes nothing."""

from dataclasses import replace

import pytest

from genjin.domain.field_rights import filled_from, writable
from genjin.domain.json import JsonValue
from genjin.domain.people import NO_LIMITS, DataScope, Rights
from genjin.domain.policy import Viewer
from genjin.domain.records import NestedInput, Record, RecordInput, RecordType
from genjin.errors import Forbidden, Invalid

NUMBER, MASKED = "13400002331", "134****2331"
LEAD = Record(
    *(RecordType.LEAD, 9, "郑老师", 31, 31, 12, 1, 1),
    status="43",
    details={"note": f"打{NUMBER}", "job": "校长", "address": {"tel": NUMBER, "email": "z@example.com"}},
)


def _write(rights: Rights, given: RecordInput, before: Record | None = LEAD) -> RecordInput:
    return writable(Viewer(1, 31, DataScope.SELF, rights=rights), RecordType.LEAD, given, before)


def test_without_limits_an_input_is_written_as_it_is() -> None:
    given = RecordInput({"status": "44"}, {"note": f"打{MASKED}"})
    assert _write(NO_LIMITS, given) is given


@pytest.mark.parametrize("rights", [NO_LIMITS, Rights(phones_masked=True)])
def test_the_parts_of_an_address_that_are_not_given_stay(rights: Rights) -> None:
    def written(address: dict[str, JsonValue], before: Record | None = LEAD) -> object:
        return _write(rights, RecordInput({}, {"address": address}), before).details.get("address")

    assert written({"qq": "10001"}) == {"tel": NUMBER, "email": "z@example.com", "qq": "10001"}
    assert written({"tel": ""}) == {"email": "z@example.com"}
    assert written({"tel": "", "email": ""}) == {}
    assert written({"tel": "", "qq": "10001"}, None) == {"qq": "10001"}


@pytest.mark.parametrize("rights", [NO_LIMITS, Rights(phones_masked=True)])
@pytest.mark.parametrize("before", [None, LEAD])
def test_a_masked_number_that_stands_for_none_is_refused(rights: Rights, before: Record | None) -> None:
    given = RecordInput(
        {"name": "新"}, {"phone": "****2332", "address": {"tel": "134****2332", "wechat": "134****2332"}}
    )
    with pytest.raises(Invalid) as refused:
        _write(rights, given, before)
    assert refused.value.errors.keys() == {"phone", "address_attributes.tel"}


def test_a_masked_number_that_was_captured_may_come_back() -> None:
    captured = replace(LEAD, details={"address": {"tel": MASKED}})
    for rights in (NO_LIMITS, Rights(phones_masked=True)):
        told = _write(rights, RecordInput({}, {"address": {"tel": MASKED, "qq": "10001"}}), captured)
        assert told.details["address"] == {"tel": MASKED, "qq": "10001"}


def test_a_text_that_was_edited_around_a_masked_number_keeps_the_number() -> None:
    rights = Rights(phones_masked=True)
    told = _write(rights, RecordInput({}, {"note": f"下午打{MASKED}或134****9999", "job": MASKED}))
    assert told.details == {"note": f"下午打{NUMBER}或134****9999", "job": NUMBER}
    assert _write(NO_LIMITS, RecordInput({}, {"note": f"只知道{MASKED}"})).details == {"note": f"只知道{MASKED}"}


def test_what_is_filled_from_a_lead_has_its_numbers() -> None:
    viewer = Viewer(1, 31, DataScope.SELF, rights=Rights(phones_masked=True))
    contact = NestedInput(RecordType.CONTACT, RecordInput({"name": "人"}, {"address": {"tel": MASKED}}))
    given = RecordInput({"name": "新"}, {"note": f"打{MASKED}"}, [("contacts_attributes.0", contact)])
    told = filled_from(viewer, given, LEAD)
    assert told.details == {"note": f"打{NUMBER}"}
    assert told.nested[0][1].given.details == {"address": {"tel": NUMBER}}


@pytest.mark.parametrize("rights", [Rights(frozenset({"lead.status"})), Rights(read_only=frozenset({"lead.status"}))])
def test_a_hidden_or_read_only_column_is_not_changed(rights: Rights) -> None:
    with pytest.raises(Forbidden, match="status"):
        _write(rights, RecordInput({"status": "44"}))


def test_the_field_is_named_as_on_the_wire() -> None:
    with pytest.raises(Forbidden, match=r"：revisit_remind_at$"):
        _write(Rights(read_only=frozenset({"lead.revisit_remind_at"})), RecordInput({"remind_at": 5, "status": "44"}))


def test_a_read_only_field_may_be_given_to_a_new_record_and_a_hidden_one_not() -> None:
    given = RecordInput({"name": "新", "status": "44"}, {"note": "x"})
    assert _write(Rights(read_only=frozenset({"lead.status"})), given, before=None) == given
    with pytest.raises(Forbidden, match="note"):
        _write(Rights(frozenset({"lead.note"})), given, before=None)


def test_what_comes_back_as_it_was_shown_changes_nothing() -> None:
    rights = Rights(frozenset({"lead.status", "lead.address.email"}), frozenset({"lead.job"}), phones_masked=True)
    sent_back = RecordInput(
        {"status": "", "name": "郑老师"},
        {"note": f"打{MASKED}", "job": "校长", "address": {"tel": MASKED, "email": ""}},
    )
    assert _write(rights, sent_back) == RecordInput()


def test_the_parts_of_an_address_are_kept_where_they_came_back_masked_or_could_not_be_seen() -> None:
    rights = Rights(frozenset({"lead.address.email"}), phones_masked=True)
    told = _write(rights, RecordInput({}, {"address": {"tel": MASKED, "qq": "10001"}}))
    assert told.details["address"] == {"email": "z@example.com", "tel": NUMBER, "qq": "10001"}


def test_a_new_number_may_be_written_by_who_may_not_see_the_old_one() -> None:
    told = _write(Rights(phones_masked=True), RecordInput({}, {"address": {"tel": "13400002332"}}))
    assert told.details["address"] == {"tel": "13400002332", "email": "z@example.com"}


def test_a_hidden_or_read_only_part_of_an_address_is_not_changed() -> None:
    for rights in (Rights(frozenset({"lead.address.email"})), Rights(read_only=frozenset({"lead.address.email"}))):
        with pytest.raises(Forbidden, match=r"address\.email"):
            _write(rights, RecordInput({}, {"address": {"tel": NUMBER, "email": "x@example.com"}}))
