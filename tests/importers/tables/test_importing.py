"""Tables become records, follow-ups and calls, by the same rules as through the API, each row once."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from genjin.domain.table_import import Duplicates
from genjin.errors import Invalid, Stale
from genjin.importers.tables import importing
from genjin.importers.tables.rejected import write_rejected
from genjin.importers.tables.sheets import look_at
from genjin.store import activities, records
from tests.importers.tables.importing import (
    CALLS,
    CONTACTS,
    CUSTOMERS,
    FOLLOW_UPS,
    LEADS,
    counts,
    dry,
    imported,
    reasons,
    seen,
    written,
)
from tests.world import (
    ALICE,
    World,
    activities_of,
    customer,
    new_contact,
    new_customer,
    new_lead,
    ok,
    timeline_of,
)

HEADINGS = "客户名称*,联系电话,负责人,客户类型,备注,编号\n"
TABLE = HEADINGS + (
    "长江贸易,13400000001,alice,大客户,老客户,A1\n"
    "长江贸易,,,,又一次,\n"
    "黄河物流,１３４００００００03,bob,,,A3\n"
    "又一个,13400000001,,,,\n"
    ",,,,,\n"
    "坏类型,,,没有这种,,\n"
    ",13400000009,,,,\n"
    "坏负责人,,nobody,,,\n"
)


def test_headings_are_known_in_both_languages_wherever_they_stand(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "2024年客户表,,,\n客户名称（必填）,手机号码,Owner,没人知道,备注,备注\n长江,1,Alice,,x,y\n")
    told = seen(world, "dora", file, CUSTOMERS)
    assert told.asked.heading == 2
    assert told.asked.columns == {
        "客户名称（必填）": "name",
        "手机号码": "address.phone",
        "Owner": "user_id",
        "备注": "note",
    }
    assert [each.key for each in told.columns if not each.field] == ["没人知道", "备注#2"]
    assert told.rows[0].read == {"name": "长江", "address.phone": "1", "user_id": "Alice", "note": "x"}
    changed = seen(world, "dora", file, CUSTOMERS, **{"备注": "", "备注#2": "note", "没人知道": "address.qq"})
    assert changed.asked.columns["备注#2"] == "note" and "备注" not in changed.asked.columns
    for wrong in ({"没有": "note"}, {"没人知道": "nothing"}):
        with pytest.raises(Invalid):
            seen(world, "dora", file, CUSTOMERS, **wrong)
    entries = seen(world, "dora", written(tmp_path, "company,date,user,note\nx,2024-01-01,Alice,hi\n"), FOLLOW_UPS)
    assert entries.asked.columns == {"company": "customer", "date": "at", "user": "author", "note": "content"}
    assert entries.rows[0].read == {"at": "2024-01-01 00:00", "author": "Alice", "content": "hi"}


@pytest.mark.parametrize("duplicates", list(Duplicates))
def test_a_dry_run_tells_what_the_real_one_does_and_writes_nothing(
    world: World, tmp_path: Path, duplicates: Duplicates
) -> None:
    file = written(tmp_path, TABLE)
    told = dry(world, "dora", file, CUSTOMERS, duplicates)
    with world.client("dora") as dora:
        assert ok(dora.get("/api/v2/customers"))["total_count"] == 0
        done = imported(world, "dora", file, CUSTOMERS, duplicates)
        assert (done.counts, sorted(reasons(world, done))) == (told.counts, [each.row for each in told.rejected])
        assert ok(dora.get("/api/v2/customers"))["total_count"] == done.counts.created
    expected = {
        Duplicates.SKIP: counts(2, 0, 2, 3),
        Duplicates.UPDATE: counts(2, 2, 0, 3),
        Duplicates.CREATE: counts(4, 0, 0, 3),
        Duplicates.REJECT: counts(2, 0, 0, 5),
    }
    assert done.counts == expected[duplicates]
    assert reasons(world, done)[7] == "客户类型：没有这个选项：没有这种"
    assert world.miscounts() == []


def test_imported_records_are_as_if_they_were_written(world: World, tmp_path: Path) -> None:
    done = imported(world, "dora", written(tmp_path, TABLE), CUSTOMERS)
    with world.client("dora") as dora, world.client("bob") as bob:
        [first] = [each for each in ok(dora.get("/api/v2/customers"))["customers"] if each["name"] == "长江贸易"]
        shown = ok(dora.get(f"/api/v2/customers/{first['id']}"))
        assert shown["user"]["name"] == "Alice"
        assert (shown["category_display"], shown["address"]["tel"]) == ("大客户", "13400000001")
        assert [each["user"]["name"] for each in activities_of(timeline_of(dora, first["id"], "customers"))] == ["Dora"]
        assert [each["name"] for each in ok(bob.get("/api/v2/customers"))["customers"]] == ["黄河物流", "长江贸易"]
    updated = imported(
        world, "dora", written(tmp_path, HEADINGS + "长江集团,,bob,,改了,A1\n"), CUSTOMERS, Duplicates.UPDATE
    )
    assert (done.counts.created, updated.counts) == (2, counts(updated=1))
    with world.client("dora") as dora:
        shown = ok(dora.get(f"/api/v2/customers/{first['id']}"))
        assert (shown["name"], shown["user"]["name"], shown["note"]) == ("长江集团", "Bob", "改了")
        assert shown["address"]["tel"] == "13400000001"


def test_who_imports_does_what_they_may_and_no_more(world: World, tmp_path: Path) -> None:
    text = "线索名称,负责人\n甲,\n乙,charlie\n"
    done = imported(world, "alice", written(tmp_path, text), LEADS)
    assert (done.counts, reasons(world, done)) == (counts(1, rejected=1), {3: "您没有权限将其分配给该用户或部门"})
    with world.client("charlie") as charlie:
        hidden = new_customer(charlie, "查理的客户")
    entries = f"客户名称,客户ID,跟进人,跟进时间,跟进内容\n查理的客户,,,,x\n,{hidden},,,x\n甲,,,2024-01-01,x\n"
    told = imported(
        world,
        "alice",
        written(tmp_path, entries),
        FOLLOW_UPS,
        columns={"客户名称": "record", "客户ID": "record_id", "跟进时间": "at", "跟进内容": "content"},
    )
    assert told.counts == counts(rejected=3)
    assert reasons(world, told) == {
        2: "客户名称：没有找到对应的记录",
        3: "客户ID：没有找到对应的记录",
        4: "只有管理员可以为他人或为过去的时间写入记录",
    }


@pytest.mark.parametrize("engine", ["world", "postgres_world"])
def test_imported_entries_are_as_if_they_were_written_then(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path
) -> None:
    world: World = request.getfixturevalue(engine)
    with world.client("alice") as alice:
        id_ = new_customer(alice, "长江贸易", address_attributes={"tel": "13400000001"})
        contact = new_contact(alice, "王主任", customer_id=id_)
        lead_id = new_lead(alice, "郑老师")
    text = (
        "客户名称,对象,电话,客户ID,跟进人,跟进时间,跟进方式,跟进内容,下次跟进时间,编号\n"
        "长江贸易,,,,alice,2024-05-01 10:00,电销,第一次,2024-07-01 09:00,F1\n"
        f",,,{contact},Bob,2024/5/3,拜访,见了王主任,,F2\n"
        ",郑老师,,,alice,2024年5月2日 下午3点,,谈了价格,,\n"
        ",,134-0000-0001,,charlie,2024-05-04 08:00,,打了电话,,\n"
        "长江贸易,,,,alice,2024-05-01 10:00,电销,第一次,,F1\n"
        "没有这家,,,,alice,2024-05-01,,x,,\n"
        "长江贸易,,,,alice,2030-05-01,,还没有发生,,\n"
        "长江贸易,,,,alice,某一天,,x,,\n"
    )
    done = imported(world, "dora", written(tmp_path, text), FOLLOW_UPS)
    assert (done.counts, sorted(reasons(world, done))) == (counts(4, 0, 1, 3), [7, 8, 9])
    with world.client("dora") as dora:
        shown = {
            each["description"]: (each["user"]["name"], each["timestamp"])
            for each in activities_of(timeline_of(dora, id_, "customers", per_page=50))
        }
        assert shown["第一次"] == ("Alice", "2024-05-01 10:00")
        assert shown["见了王主任"] == ("Bob", "2024-05-03 00:00")
        assert shown["打了电话"] == ("Charlie", "2024-05-04 08:00")
        assert "谈了价格" in {each["description"] for each in activities_of(timeline_of(dora, lead_id))}
        kept = ok(dora.get(f"/api/v2/customers/{id_}"))
        assert kept["real_revisit_at"] == "2024-05-04 08:00"
        assert kept["revisit_remind_at"] == "2024-07-01 09:00"
        found = dora.get("/api/v1/search", params={"q": "见了王主任"}).json()["items"]
        assert len(found) == 1
        due = dora.get("/api/v1/reminders").json()
        assert due["items"] == []
        assert ok(dora.get("/api/v2/revisit_logs/new_index", params={"date": "all"}))["total_count"] == 4
    with world.client("alice") as alice:
        assert len(alice.get("/api/v1/reminders").json()["items"]) == 1
    assert world.miscounts() == []


def test_a_thousand_imported_at_once_are_the_same_as_written_one_by_one(world: World, tmp_path: Path) -> None:
    """The bulk path leaves behind what the use case leaves, in every table that both write."""
    with world.client("dora") as dora:
        one, other = new_customer(dora, "甲公司"), new_customer(dora, "乙公司")
        days = [f"2024-0{1 + nth % 5}-{1 + nth % 28:02} 0{nth % 10}:00" for nth in range(60)]
        for nth, day in enumerate(days):
            told = dora.post(
                "/api/v1/activities",
                json={
                    "kind": "follow_up.written",
                    "subject": {"type": "customers", "id": one},
                    "actor_id": ALICE.id,
                    "at": f"{day.replace(' ', 'T')}:00+08:00",
                    "text": f"第{nth}次",
                },
            )
            assert told.status_code == 201, told.text
    rows = "".join(f"乙公司,Alice,{day},第{nth}次\n" for nth, day in enumerate(days))
    imported(world, "dora", written(tmp_path, f"客户名称,跟进人,跟进时间,跟进内容\n{rows}"), FOLLOW_UPS, size=1_000)

    def kept(id_: int) -> object:
        def use(tx):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            record = records.find(tx, 1, customer(id_))
            assert record is not None
            facts = activities.between(tx, 1, 0, None, 10_000)
            said = sorted(
                each._replace(id=0, object_id=0, target_id=0)
                for each in facts
                if each.target == customer(id_) and each.text
            )
            latest = tx.rows(
                "SELECT total, last_activity_at, last_follow_up_at, last_call_at, last_visit_at FROM timelines"
                " WHERE organisation_id = 1 AND subject_id = ?",
                (id_,),
            )
            count = tx.rows("SELECT COUNT(*) FROM follow_ups WHERE organisation_id = 1 AND target_id = ?", (id_,))
            waiting = tx.rows("SELECT COUNT(*) FROM search_backlog WHERE organisation_id = 1", ())
            assert waiting
            blank = replace(record, id=0, name="", name_pinyin="", created_at=0)
            return said, latest, count, blank

        return world.database.read(use, 1)

    assert kept(one) == kept(other)
    assert world.miscounts() == []


def test_calls_are_imported_with_their_length_and_direction(world: World, tmp_path: Path) -> None:
    with world.client("dora") as dora:
        id_ = new_customer(dora, "长江贸易", address_attributes={"tel": "021-55550001"})
    text = (
        "电话,通话时间,通话人,通话时长,是否接通,呼叫类型,外部编号\n"
        "02155550001,2024-05-01 10:00,alice,3分20秒,是,呼出,C1\n"
        "021-55550001,2024-05-02 10:00,bob,0,未接通,呼入,C2\n"
        "021-55550001,2024-05-02 10:00,bob,很久,,,\n"
        "13400000099,2024-05-02 10:00,bob,5,,,\n"
    )
    done = imported(world, "dora", written(tmp_path, text), CALLS)
    assert (done.counts, sorted(reasons(world, done))) == (counts(2, rejected=2), [4, 5])
    again = imported(world, "dora", written(tmp_path, text.replace("3分20秒", "250")), CALLS, Duplicates.UPDATE)
    assert again.counts == counts(updated=2, rejected=2)
    with world.client("dora") as dora:
        logs = ok(dora.get("/api/v2/dial_logs", params={"date": "all"}))
        keys = ("number", "talk_time", "is_connected", "dial_type")
        told = [tuple(each[key] for key in keys) for each in logs["dial_logs"]]
        assert sorted(told) == [("021-55550001", 0, False, "incoming"), ("02155550001", 250, True, "outgoing")]
        assert ok(dora.get(f"/api/v2/customers/{id_}"))["id"] == id_
    assert world.miscounts() == []


def test_contacts_find_their_customers_and_entries_their_records(world: World, tmp_path: Path) -> None:
    customers = "客户名称,编号\n长江贸易,K1\n重名,K2\n重名,K3\n"
    imported(world, "dora", written(tmp_path, customers), CUSTOMERS, Duplicates.CREATE)
    text = "姓名,所属客户,手机\n王主任,长江贸易,13400000001\n李主任,没有,\n赵主任,重名,\n,长江贸易,\n"
    done = imported(world, "dora", written(tmp_path, text), CONTACTS)
    assert done.counts == counts(1, rejected=3)
    why = reasons(world, done)
    assert (why[3], why[4]) == ("所属客户：没有这个客户：没有", "所属客户：有多个同名的客户：重名")
    entries = "客户编号,客户名称,跟进内容\nK3,,按编号\n,重名,不知道是哪个\nK9,,没有\n"
    told = imported(world, "dora", written(tmp_path, entries), FOLLOW_UPS, language="en")
    assert told.counts == counts(1, rejected=2)
    assert reasons(world, told) == {
        3: "客户名称: several records are meant by this",
        4: "客户编号: there is no such record that you see",
    }


def test_whoever_is_cut_off_goes_on_and_nothing_comes_twice(world: World, tmp_path: Path) -> None:
    with world.client("dora") as dora:
        new_customer(dora, "长江贸易")
    rows = "".join(f"长江贸易,第{nth}次\n" for nth in range(10))
    file = written(tmp_path, f"客户名称,跟进内容\n{rows}")
    first = imported(world, "dora", file, FOLLOW_UPS, most=2)
    assert (first.row, first.counts.created, first.ended_at) == (7, 6, None)
    session = world.session("dora")

    def cut_off(tx):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        importing.next_batch(tx, world.installation, 1, first.id, file, 3)
        raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError):
        world.installation.database.write(cut_off, 1)
    reader = world.installation.database.read(lambda tx: importing.reader_of(tx, world.installation, 1, first, file), 1)
    done = imported(world, "dora", file, FOLLOW_UPS)
    assert (done.id, done.counts.created) == (first.id, 10)
    with pytest.raises(Stale):
        world.installation.database.write(
            lambda tx: importing.write_batch(tx, world.installation, reader, first, [], is_last=True), 1
        )
    assert imported(world, "dora", file, FOLLOW_UPS).counts == done.counts
    with world.client("dora") as dora:
        assert ok(dora.get("/api/v2/revisit_logs/new_index", params={"date": "all"}))["total_count"] == 10
    assert imported(world, "dora", file, FOLLOW_UPS, again=True).id != done.id
    assert [each.counts.created for each in importing.list_imports(world.installation, session)] == [10, 10]


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_rejected_rows_come_back_to_be_mended(world: World, tmp_path: Path, name: str) -> None:
    rows = [
        ["客户名称", "联系电话", "负责人", "备注"],
        ["=HYPERLINK(1)", "13400000001", "nobody", "+1 -2"],
        ["长江贸易", "13400000002", "alice", ""],
        ["黄河物流", "13400000003", "nobody", "@x"],
    ]
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("\n".join(",".join(row) for row in rows))
    else:
        import xlsxwriter  # type: ignore[import-untyped]

        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
        sheet = book.add_worksheet()
        for nth, row in enumerate(rows):
            sheet.write_row(nth, 0, row)
        book.close()
    file = look_at(path)
    done = imported(world, "dora", file, CUSTOMERS)
    assert done.counts == counts(1, rejected=2)
    out = BytesIO()
    assert write_rejected(file, done.asked, importing.rejected_of(world.installation, 1, done.id), out) == 2
    if file.is_csv:
        text = out.getvalue().decode("utf-8-sig")
        assert text.splitlines()[1] == "'=HYPERLINK(1),13400000001,nobody,'+1 -2,负责人：没有这个用户：nobody"
        out = BytesIO(text.replace(",nobody,", ",bob,").encode("utf-8-sig"))
    mended = tmp_path / f"mended-{name}"
    mended.write_bytes(out.getvalue())
    once_more = imported(world, "dora", look_at(mended), CUSTOMERS)
    if file.is_csv:
        assert once_more.counts == counts(2)
        with world.client("bob") as bob:
            names = {each["name"] for each in ok(bob.get("/api/v2/customers"))["customers"]}
            assert names == {"=HYPERLINK(1)", "黄河物流", "长江贸易"}
    else:
        assert once_more.counts == counts(rejected=2)
        out = BytesIO()
        rejected = importing.rejected_of(world.installation, 1, once_more.id)
        write_rejected(look_at(mended), once_more.asked, rejected, out)
        assert out.getvalue()[:2] == b"PK"


def test_hostile_rows_are_rejected_each_by_itself(world: World, tmp_path: Path) -> None:
    text = (
        "客户名称,备注\n好的,x\na\0b,x\n" + f"长,{'x' * 1_100_000}\n" + f"备注长,{'x' * 30_000}\n" + "多,x,y,z\n少\n"
        '"引,号""名""",ok\n' + "名" * 300 + ",x\n"
    )
    done = imported(world, "dora", written(tmp_path, text), CUSTOMERS)
    assert done.counts == counts(3, rejected=5)
    assert reasons(world, done) == {
        3: "包含空字符（NUL）",
        4: "单元格内容过长",
        5: "备注：不能超过20000个字符",
        6: "单元格比标题多",
        9: "客户名称：不能超过255个字符",
    }
    with pytest.raises(Invalid, match="100000"):
        seen(world, "dora", written(tmp_path, "a," * 99_999 + "a\n"), CUSTOMERS)
    for empty in ("", "\n\n,,\n"):
        with pytest.raises(Invalid, match="没有标题行"):
            seen(world, "dora", written(tmp_path, empty), CUSTOMERS)


def test_what_is_imported_is_written_down_and_belongs_to_who_began_it(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "客户名称\n甲\n")
    done = imported(world, "alice", file, CUSTOMERS)
    assert importing.find_import(world.installation, world.session("alice"), done.id) == done
    assert importing.list_imports(world.installation, world.session("bob")) == []
    with world.client("dora") as dora:
        [noted] = dora.get("/api/v1/audit", params={"act": "records.imported"}).json()["items"]
        assert noted["actor"]["id"] == ALICE.id


def test_an_administrator_says_who_made_records_and_when(world: World, tmp_path: Path) -> None:
    rows = "长江,alice,Bob,2021-03-04 05:06\n黄河,alice,,\n未来,,,2031-01-01\n谁,,nobody,\n"
    file = written(tmp_path, f"客户名称,负责人,创建人,创建时间\n{rows}")
    assert seen(world, "dora", file, CUSTOMERS).rows[0].read["created_at"] == "2021-03-04 05:06"
    done = imported(world, "dora", file, CUSTOMERS)
    assert (done.counts, reasons(world, done)) == (
        counts(2, rejected=2),
        {4: "创建时间：不能晚于现在", 5: "创建人：没有这个用户：nobody"},
    )
    with world.client("dora") as dora:
        [first] = [each for each in ok(dora.get("/api/v2/customers"))["customers"] if each["name"] == "长江"]
        assert (first["created_at"], first["user"]["name"]) == ("2021-03-04 05:06", "Alice")
        [born] = activities_of(timeline_of(dora, first["id"], "customers"))
        assert (born["user"]["name"], born["timestamp"]) == ("Bob", "2021-03-04 05:06")
    assert world.miscounts() == []
    own = written(tmp_path, "姓名,创建时间\n甲,2021-03-04\n", name="own.csv")
    assert seen(world, "alice", own, LEADS).asked.columns == {"姓名": "name"}
    told = imported(world, "alice", own, LEADS, columns={"姓名": "name", "创建时间": "created_at"})
    assert reasons(world, told) == {2: "只有管理员可以为他人或为过去的时间写入记录"}
    assert imported(world, "alice", own, LEADS).counts == counts(1)


@pytest.mark.parametrize("engine", ["world", "postgres_world"])
def test_a_contact_is_there_already_by_its_customer_name_and_number(
    request: pytest.FixtureRequest, engine: str, tmp_path: Path
) -> None:
    world: World = request.getfixturevalue(engine)
    with world.client("dora") as dora:
        new_customer(dora, "长江贸易")
        new_customer(dora, "黄河物流")
    text = (
        "姓名,所属客户,手机,备注\n"
        "王主任,长江贸易,13400000001,\n"
        "王主任,长江贸易,134-0000-0001,又一次\n"
        "王主任,长江贸易,13400000002,另一位\n"
        "王主任,黄河物流,13400000001,\n"
        "李主任,长江贸易,,\n"
        "李主任,没有,,\n"
    )
    first = written(tmp_path, text)
    expected = {Duplicates.SKIP: counts(4, 0, 1, 1), Duplicates.CREATE: counts(5, 0, 0, 1)}
    for policy in expected:
        assert dry(world, "dora", first, CONTACTS, policy).counts == expected[policy]
    assert imported(world, "dora", first, CONTACTS).counts == expected[Duplicates.SKIP]
    again = imported(world, "dora", first, CONTACTS, Duplicates.UPDATE)
    assert again.counts == counts(0, 5, 0, 1)
    refused = imported(world, "dora", first, CONTACTS, Duplicates.REJECT)
    assert reasons(world, refused)[6] == "联系人与已有的重复，负责人：Dora"
    with world.client("dora") as dora:
        notes = [each["note"] for each in ok(dora.get("/api/v2/contacts"))["contacts"]]
        assert sorted(note or "" for note in notes) == ["", "", "又一次", "另一位"]


def test_nobody_takes_the_number_of_anothers_record_nor_stores_a_masked_one(world: World, tmp_path: Path) -> None:
    imported(world, "dora", written(tmp_path, "客户名称,编号\n长江,K1\n"), CUSTOMERS)
    with world.client("alice") as alice:
        own = new_customer(alice, "自己的")
    taking = imported(world, "alice", written(tmp_path, f"id,编号,备注\n{own},K1,x\n"), CUSTOMERS, Duplicates.UPDATE)
    assert reasons(world, taking) == {2: "该编号已导入"}
    masked = imported(world, "alice", written(tmp_path, "客户名称,电话\n自己的,134****0001\n"), CALLS)
    assert reasons(world, masked) == {2: "电话：号码不完整，请填写完整的号码"}


def test_another_policy_begins_anew_where_rows_are_known_by_something(world: World, tmp_path: Path) -> None:
    file = written(tmp_path, "客户名称,备注\n长江,一\n长江,二\n")
    first = imported(world, "dora", file, CUSTOMERS, size=1, most=1)
    other = imported(world, "dora", file, CUSTOMERS, Duplicates.UPDATE)
    assert other.id != first.id and other.counts == counts(updated=2)
    entries = written(tmp_path, "客户名称,跟进内容\n长江,第一次\n长江,第二次\n", name="f.csv")
    done = imported(world, "dora", entries, FOLLOW_UPS)
    assert imported(world, "dora", entries, FOLLOW_UPS, Duplicates.UPDATE).id == done.id


def test_a_file_is_read_up_to_its_rows_before_others_wait_for_them(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, session = written(tmp_path, "客户名称\n甲\n乙\n丙\n"), world.session("dora")
    its = importing.begin(world.installation, session, file, seen(world, "dora", file, CUSTOMERS).asked)
    importing.get_ready(file, its)
    monkeypatch.setattr(importing, "rows_of", lambda *_: pytest.fail("it is read once more"))
    for _ in range(2):
        done = world.database.write(lambda tx: importing.next_batch(tx, world.installation, 1, its.id, file, 2), 1)
    assert done.counts == counts(3) and done.ended_at is not None
