"""Captures of a customer: what happened to its lead, contacts and contracts rolls up, and each entry is there once."""

from genjin.domain.records import RecordType, Ref
from tests.importers.captures import CALL_ID, CREATED_ID, FOLLOW_UP_ID, LEAD_ID, Capturing, activity, answer
from tests.world import Json, new_customer, ok, timeline_of

CUSTOMER = Ref(RecordType.CUSTOMER, 500)


def _on(type_: str, id_: int, name: str, entry: Json) -> Json:
    displays = {"Customer": "客户", "Contact": "联系人", "Contract": "合同", "Opportunity": "商机"}
    return entry | {
        "refer_type": type_,
        "refer_id": id_,
        "refer_name": name,
        "refer_type_display": displays[type_],
        "saleable_type": type_,
        "saleable_id": id_,
        "saleable_name": name,
        "saleable_type_display": displays[type_],
        "title": name,
    }


def test_a_customers_capture_holds_its_lead_contact_and_contract_and_all_roll_up(capturing: Capturing) -> None:
    on_customer = _on("Customer", 500, "郑州一中", activity(CALL_ID, id=3_000_001, timestamp="2024-04-10 10:00"))
    on_contact = _on("Contact", 501, "王五", activity(CALL_ID, id=3_000_002, timestamp="2024-04-09 10:00"))
    on_contract = _on("Contract", 502, "合同1", activity(CALL_ID, id=3_000_003, timestamp="2024-04-08 10:00"))
    for entry in (on_customer, on_contact, on_contract):
        entry["created_at"] = entry["updated_at"] = entry["real_created_at"] = entry["timestamp"]
    on_lead = activity(is_lead_and_turned=True)
    payment = activity(CALL_ID, id=3_000_004, refer_type="Payment", refer_id=503)
    capturing.take(answer(on_customer, on_contact, on_contract, on_lead, payment))
    served = capturing.served(500, "customers")
    assert list(served) == [3_000_001, 3_000_002, 3_000_003, FOLLOW_UP_ID, 3_000_004][:3] + sorted(
        [3_000_004, FOLLOW_UP_ID], reverse=True
    )
    assert served[3_000_001] == on_customer
    assert served[3_000_002] == on_contact
    assert served[3_000_003] == on_contract
    assert served[FOLLOW_UP_ID] == on_lead
    assert list(capturing.served()) == [FOLLOW_UP_ID]
    assert capturing.miscounts() == []
    before = capturing.dump()
    assert capturing.take(answer(on_customer, on_contact, on_contract, on_lead, payment)).changed.total() == 0
    after = capturing.dump()
    assert after["timeline"] == before["timeline"]
    assert after["records"] == before["records"]


def test_a_lead_captured_before_its_customer_rolls_up_afterwards(capturing: Capturing) -> None:
    capturing.take(answer(activity(), activity(CALL_ID)))
    on_customer = _on("Customer", 500, "郑州一中", activity(CALL_ID, id=3_000_001, timestamp="2024-04-10 10:00"))
    capturing.take(answer(on_customer, activity()))
    assert list(capturing.served(500, "customers")) == [3_000_001, FOLLOW_UP_ID, CALL_ID]
    assert [entry["is_lead_and_turned"] for entry in capturing.served().values()] == [True, True]
    assert capturing.miscounts() == []


def test_a_raw_dump_that_names_the_customer_rolls_the_lead_up(capturing: Capturing) -> None:
    created = activity(CREATED_ID)
    created["saleable_id"] |= {"turned_customer_id": 500, "turned_at": "2024-06-01T10:00:00.000+04:00"}
    capturing.take(answer(created))
    on_customer = _on("Customer", 500, "郑州一中", activity(CALL_ID, id=3_000_001, timestamp="2024-06-10 10:00"))
    capturing.take(answer(on_customer))
    assert list(capturing.served(500, "customers")) == [3_000_001, CREATED_ID]
    found = ok(capturing.client().get(f"/api/v2/leads/{LEAD_ID}"))
    assert (found["turned_customer_id"], found["turned_to_customer_name"]) == (500, "郑州一中")


def test_the_raw_dump_of_another_record_makes_no_record_of_the_wrong_type(capturing: Capturing) -> None:
    """A contact that was created on a customer: its dump is not the customer's."""
    entry = _on("Customer", 500, "郑州一中", activity(CREATED_ID, id=3_000_001))
    raw = activity(CREATED_ID)["saleable_id"] | {"id": 501, "name": "王五"}
    capturing.take(answer(entry | {"saleable_type": "Contact", "saleable_id": raw, "saleable_name": "王五"}))
    client = capturing.client()
    assert ok(client.get("/api/v2/customers"))["total_count"] == 1
    served = capturing.served(500, "customers")[3_000_001]
    assert (served["saleable_id"], served["saleable_type"], served["refer_name"]) == (raw, "Contact", "郑州一中")


def test_a_subject_that_is_told_is_whose_timeline_it_is(capturing: Capturing) -> None:
    payment = activity(CALL_ID, refer_type="Payment", refer_id=503, saleable_type="Payment", saleable_id=503)
    capturing.take(answer(payment), subject=CUSTOMER)
    assert list(capturing.served(500, "customers")) == [CALL_ID]


def test_a_subject_that_nothing_happened_on_itself_is_a_record_all_the_same(capturing: Capturing) -> None:
    on_contact = _on("Contact", 501, "王五", activity(CALL_ID, id=3_000_002, timestamp="2024-04-09 10:00"))
    on_contract = _on("Contract", 502, "合同1", activity(CALL_ID, id=3_000_003, timestamp="2024-04-08 10:00"))
    summary = capturing.take(answer(on_contact, on_contract), subject=CUSTOMER)
    assert (summary.read["records"], summary.new["records"]) == (3, 3)
    assert list(capturing.served(500, "customers")) == [3_000_002, 3_000_003]
    found = ok(capturing.client().get("/api/v2/customers/500"))
    assert (found["name"], found["user_id"], found["created_at"]) == ("客户500", 0, "2024-04-08 10:00")
    before = capturing.dump()
    assert capturing.take(answer(on_contact, on_contract), subject=CUSTOMER).changed.total() == 0
    assert capturing.dump() == before
    assert capturing.miscounts() == []


def test_a_subject_gets_its_name_from_the_capture_that_has_one(capturing: Capturing) -> None:
    on_contact = _on("Contact", 501, "王五", activity(CALL_ID, id=3_000_002, timestamp="2024-04-09 10:00"))
    on_customer = _on("Customer", 500, "郑州一中", activity(CALL_ID, id=3_000_001, timestamp="2024-04-01 10:00"))
    capturing.take(answer(on_contact), subject=CUSTOMER)
    capturing.take(answer(on_customer))
    assert ok(capturing.client().get("/api/v2/customers", params={"query": "zhengzhou"}))["total_count"] == 1
    assert list(capturing.served(500, "customers")) == [3_000_002, 3_000_001]


def test_a_subject_deleted_here_stays_deleted(capturing: Capturing) -> None:
    on_contact = _on("Contact", 501, "王五", activity(CALL_ID, id=3_000_002))
    capturing.take(answer(on_contact), subject=CUSTOMER)
    ok(capturing.client().delete("/api/v2/customers/500"))
    before = capturing.dump()
    capturing.take(answer(on_contact), subject=CUSTOMER)
    assert capturing.dump() == before


def test_a_subject_created_here_is_not_imported_over(capturing: Capturing) -> None:
    on_contact = _on("Contact", 501, "王五", activity(CALL_ID, id=3_000_002))
    capturing.take(answer(on_contact), subject=CUSTOMER)
    own = new_customer(capturing.client())
    assert capturing.refusal(capturing.file(answer(on_contact)), subject=Ref(RecordType.CUSTOMER, own)) == [
        f"capture2.json:1: $: customer {own} was created here and cannot be imported over"
    ]


def test_the_id_of_a_subject_is_not_given_out_again(capturing: Capturing) -> None:
    far = Ref(RecordType.CUSTOMER, 1_950_000_000)
    capturing.take(answer(_on("Contact", 501, "王五", activity(CALL_ID))), subject=far)
    assert new_customer(capturing.client()) > far.id
    nowhere = Ref(RecordType.CUSTOMER, 2**31 - 1)
    (problem,) = capturing.refusal(capturing.file(answer(activity())), subject=nowhere)
    assert "leaves no room for new ids" in problem


def test_an_empty_timeline_is_an_answer_too(capturing: Capturing) -> None:
    summary = capturing.take(answer())
    assert summary.read == {"answers": 1}
    assert not summary.new


def test_a_page_is_merged_with_the_one_before(capturing: Capturing) -> None:
    capturing.take_files(capturing.file(answer(activity(), activity(CALL_ID)), answer(activity(CREATED_ID))))
    assert timeline_of(capturing.client(), LEAD_ID)["total_count"] == 3


def test_a_customer_with_very_many_contacts_is_imported(capturing: Capturing) -> None:
    on_customer = _on("Customer", 500, "郑州一中", activity(CALL_ID, id=3_000_000))
    on_contacts = [_on("Contact", 1000 + n, f"联系人{n}", activity(CALL_ID, id=3_000_001 + n)) for n in range(1100)]
    capturing.take(answer(on_customer, *on_contacts))
    assert timeline_of(capturing.client(), 500, "customers")["total_count"] == 1101
    assert capturing.miscounts() == []
