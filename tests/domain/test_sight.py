"""What of a record is shown: hidden fields are empty, numbers masked for who may not see them, and the rest whole."""

from dataclasses import replace

from genjin.domain.change import Change
from genjin.domain.people import NO_LIMITS, DataScope, Rights
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType
from genjin.domain.sight import WHOLE, Sight, sight_of

NUMBER, MASKED = "13400002331", "134****2331"
OWNER, MEMBER = 31, 32
CUSTOMER = Record(
    *(RecordType.CUSTOMER, 9, "郑州第一中学", OWNER, OWNER, 12, 1, 1),
    company_name="一中",
    company_name_pinyin="yizhong",
    status="43",
    pool_id=7,
    details={"note": f"找王老师{NUMBER}", "address": {"tel": NUMBER, "wechat": NUMBER, "detail_address": "科学大道"}},
    captured={"status": "43", "mobile": 13_400_002_331, "user": {"phone": NUMBER}},
)
CONTACT = Record(RecordType.CONTACT, 10, "王老师", MEMBER, MEMBER, None, 1, 1, customer_id=9)


def _viewer(user_id: int, rights: Rights = NO_LIMITS) -> Viewer:
    return Viewer(1, user_id, DataScope.SELF, pools=frozenset({7}), rights=rights)


def test_who_works_on_a_record_is_shown_all_of_it() -> None:
    assert sight_of(_viewer(OWNER), CUSTOMER) is WHOLE
    assert WHOLE.record(CUSTOMER) is CUSTOMER


def test_who_only_sees_it_in_a_pool_is_shown_masked_numbers() -> None:
    shown = sight_of(_viewer(MEMBER), CUSTOMER).record(CUSTOMER)
    assert shown.details == {
        "note": f"找王老师{MASKED}",
        "address": {"tel": MASKED, "wechat": MASKED, "detail_address": "科学大道"},
    }
    assert shown.captured == {"status": "43", "mobile": MASKED, "user": {"phone": NUMBER}}
    assert replace(shown, details=CUSTOMER.details, captured=CUSTOMER.captured) == CUSTOMER


def test_a_role_may_mask_the_numbers_of_ones_own_records() -> None:
    sight = sight_of(_viewer(OWNER, Rights(phones_masked=True)), CUSTOMER)
    assert not sight.numbers
    assert sight.number(NUMBER) == MASKED
    assert sight.text(f"打{NUMBER}") == f"打{MASKED}"


def test_a_hidden_field_is_empty_in_every_form_of_the_record() -> None:
    hidden = frozenset({"customer.company_name", "customer.status", "customer.address.tel", "lead.note"})
    shown = sight_of(_viewer(OWNER, Rights(hidden)), CUSTOMER).record(CUSTOMER)
    assert (shown.company_name, shown.company_name_pinyin, shown.status) == (None, "", None)
    assert shown.details["note"] == CUSTOMER.details["note"]
    assert shown.details["address"] == {"wechat": NUMBER, "detail_address": "科学大道"}
    assert shown.captured == {"status": None, "mobile": 13_400_002_331, "user": {"phone": NUMBER}}


def test_columns_are_hidden_by_their_names_on_the_wire() -> None:
    deal = replace(CUSTOMER, type=RecordType.OPPORTUNITY, amount=500, remind_at=9)
    rights = Rights(frozenset({"opportunity.stage", "opportunity.expect_amount", "opportunity.revisit_remind_at"}))
    shown = sight_of(_viewer(OWNER, rights), deal).record(deal)
    assert (shown.status, shown.amount, shown.remind_at) == (None, None, None)


def test_who_is_shown_the_customers_numbers_is_shown_its_contacts() -> None:
    assert sight_of(_viewer(OWNER), CONTACT, CUSTOMER) is WHOLE
    assert not sight_of(_viewer(OWNER), CONTACT).numbers


def test_changes_are_told_without_hidden_fields_and_with_masked_numbers() -> None:
    changes = [
        Change("status", "43", "44"),
        Change("address", {"tel": NUMBER}, {"tel": "95555"}),
        Change("text_asset_1", NUMBER, None),
        Change("mobile_asset_1", "555 0100", True),
    ]
    told = Sight(frozenset({"status"}), False, frozenset({"mobile_asset_1"})).changes(RecordType.CUSTOMER, changes)
    assert told == [
        Change("address", {"tel": MASKED}, {"tel": "****"}),
        Change("text_asset_1", MASKED, None),
        Change("mobile_asset_1", "****0100", True),
    ]


def test_a_number_is_masked_however_json_writes_it() -> None:
    sight = Sight(numbers=False)
    assert sight.value("told", [13_400_002_331, 13_400_002_331.0, 1e10, 0.5]) == [MASKED, MASKED, 1e10, 0.5]
    assert sight.value("phone", 13_400_002_331.0) == MASKED
