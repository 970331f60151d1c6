"""Files within the use cases: who may claim, attach, see and delete one; what becomes of one that nobody needs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from genjin.domain.attachment import ACTIVITY, Attachment, FileChange, FileKind, Holder, Upload
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid, NotFound, Unauthenticated
from genjin.service.files import downloads, files, uploads
from genjin.service.files.downloads import KEPT_SECONDS, Swept, open_download, sweep_files
from genjin.store.files import held_by
from genjin.store.transaction import Tx
from tests import samples
from tests.world import ALICE, NOW, ORGANISATION, World, activities_of, follow_up, new_lead, timeline_of


def upload(world: World, who: str = "alice", data: bytes = samples.PDF, **told: object) -> Attachment:
    """Somebody's upload of these bytes."""
    with uploads.arriving(world.installation) as arriving:
        arriving.write(data)
        asked = world.session(who)
        told.setdefault("name", "报价.pdf")
        return uploads.keep(world.installation, asked, arriving, Upload(**told))  # type: ignore[arg-type]


def attach(world: World, holder: Holder, ids: Sequence[int], who: str = "alice", **how: object) -> list[Attachment]:
    """Claim and attach, as a use case does."""
    asked = world.session(who)

    def use(tx: Tx) -> list[Attachment]:
        some = files.claim(tx, asked, ids, holder=holder, **how)  # type: ignore[arg-type]
        files.attach(tx, asked, some, holder, NOW)
        return some

    return world.database.write(use)


def of_entry(world: World, entry: Holder) -> list[Attachment]:
    """What is attached to an entry."""
    return world.database.read(lambda tx: held_by(tx, ORGANISATION.id, [entry])).get(entry, [])


def entry_of(world: World, lead_id: int) -> Holder:
    """An entry of alice's on her lead."""
    with world.client("alice") as alice:
        follow_up(alice, lead_id)
        return Holder(ACTIVITY, activities_of(timeline_of(alice, lead_id))[0]["id"])


@pytest.fixture
def lead_id(world: World) -> int:
    """A lead of alice's."""
    with world.client("alice") as alice:
        return new_lead(alice)


def test_what_was_uploaded_is_claimed_in_the_order_of_its_ids(world: World, lead_id: int) -> None:
    one, two = upload(world), upload(world, data=samples.recording("wav"))
    entry = entry_of(world, lead_id)
    assert [file.id for file in attach(world, entry, [two.id, one.id, two.id])] == [two.id, one.id]
    found = of_entry(world, entry)
    assert [(file.id, file.holder, file.seconds) for file in found] == [(one.id, entry, None), (two.id, entry, 3)]


def test_nobody_claims_what_is_missing_or_another_ones_or_attached_or_of_another_kind(
    world: World, lead_id: int
) -> None:
    mine, bobs, eves = upload(world), upload(world, "bob"), upload(world, "eve")
    first, second = entry_of(world, lead_id), entry_of(world, lead_id)
    attach(world, first, [mine.id])
    for wanted, kind, noun in (
        (mine.id, None, "附件"),
        (bobs.id, None, "附件"),
        (eves.id, None, "附件"),
        (999_999, None, "附件"),
        (upload(world).id, FileKind.RECORDING, "录音"),
    ):
        with pytest.raises(Invalid) as refused:
            attach(world, second, [wanted], field="attachment_ids", kind=kind)
        assert refused.value.errors == {"attachment_ids": [f"没有这个{noun}：{wanted}"]}
    assert of_entry(world, second) == []


def test_all_that_cannot_be_claimed_are_named_and_none_is_attached(world: World, lead_id: int) -> None:
    good, entry = upload(world), entry_of(world, lead_id)
    with pytest.raises(Invalid) as refused:
        attach(world, entry, [5, good.id, 6], field="audio_ids")
    assert refused.value.errors == {"audio_ids": ["没有这个附件：5", "没有这个附件：6"]}
    with pytest.raises(Invalid, match="不能超过100个"):
        attach(world, entry, range(1, 102))
    assert attach(world, entry, [good.id])


@pytest.mark.parametrize(("name", "sees"), [("alice", True), ("bob", True), ("charlie", False), ("dora", True)])
def test_who_sees_the_record_or_entry_sees_its_files(world: World, lead_id: int, name: str, sees: bool) -> None:
    loose, on_entry, on_record = upload(world), upload(world), upload(world)
    attach(world, entry_of(world, lead_id), [on_entry.id])
    attach(world, Holder(1, lead_id), [on_record.id])
    asked = world.session(name)
    for file, visible in ((on_entry, sees), (on_record, sees), (loose, name == "alice")):
        if visible:
            assert files.read_file(world.installation, asked, file.id).file.sha256 == file.sha256
        else:
            with pytest.raises(NotFound):
                files.read_file(world.installation, asked, file.id)
    with pytest.raises(NotFound):
        files.read_file(world.installation, world.session("eve"), on_record.id)


def test_files_are_attached_to_a_record_with_a_note_by_who_may_change_it(world: World, lead_id: int) -> None:
    lead, alice = Ref(RecordType.LEAD, lead_id), world.session("alice")
    one, two = upload(world, note="旧"), upload(world, "bob")
    given = [FileChange(one.id, note="合同扫描件", sub_type="file")]
    (told,) = files.attach_to_record(world.installation, alice, lead, given, "attachment_ids")
    assert (told.note, told.sub_type, told.holder) == ("合同扫描件", "file", Holder(1, lead_id))
    assert files.attach_to_record(world.installation, world.session("bob"), lead, [FileChange(two.id)], "x")
    found, total = files.list_files(world.installation, world.session("dora"), lead, Page(1, 1))
    assert ([file.id for file in found], total) == ([two.id], 2)
    charlies = upload(world, "charlie")
    with pytest.raises(NotFound):
        change = [FileChange(charlies.id)]
        files.attach_to_record(world.installation, world.session("charlie"), lead, change, "attachment_ids")
    with pytest.raises(NotFound):
        files.list_files(world.installation, world.session("charlie"), lead, Page())
    with pytest.raises(Invalid) as refused:
        long = [FileChange(one.id, note="x" * 2001, sub_type="y" * 65)]
        files.attach_to_record(world.installation, alice, lead, long, "attachment_ids")
    assert refused.value.errors.keys() == {"note", "sub_type"}


def test_a_file_is_deleted_by_its_uploader_or_by_who_may_change_its_record_but_not_from_an_entry(
    world: World, lead_id: int
) -> None:
    loose, on_record, on_entry = upload(world), upload(world), upload(world)
    attach(world, Holder(1, lead_id), [on_record.id])
    attach(world, entry_of(world, lead_id), [on_entry.id])
    for name in ("bob", "charlie", "dora", "eve"):
        with pytest.raises(NotFound):
            files.delete_file(world.installation, world.session(name), loose.id)
    assert files.delete_file(world.installation, world.session("alice"), loose.id).file.deleted_at == NOW
    files.delete_file(world.installation, world.session("bob"), on_record.id)
    with pytest.raises(Forbidden):
        files.delete_file(world.installation, world.session("alice"), on_entry.id)
    for gone in (loose, on_record):
        with pytest.raises(NotFound):
            files.read_file(world.installation, world.session("alice"), gone.id)


def test_equal_bytes_of_two_uploads_are_two_files_and_lie_once(world: World) -> None:
    one, two = upload(world), upload(world, "bob", name="同一份.pdf")
    assert (one.sha256, one.name, two.name) == (two.sha256, "报价.pdf", "同一份.pdf")
    assert one.id != two.id
    lying = [path for path in _folder(world).rglob("*") if path.is_file()]
    assert [path.name for path in lying] == [one.sha256.hex()]


def test_an_upload_to_a_record_is_attached_at_once_or_not_at_all(world: World, lead_id: int) -> None:
    lead = Ref(RecordType.LEAD, lead_id)
    assert upload(world, "bob", target=lead).holder == Holder(1, lead_id)
    with pytest.raises(NotFound):
        upload(world, "charlie", target=lead)
    assert files.list_files(world.installation, world.session("alice"), lead, Page())[1] == 1


def test_an_empty_file_is_refused_and_nothing_is_left(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        upload(world, data=b"")
    assert refused.value.errors == {"file": ["文件是空的"]}
    assert [path for path in _folder(world).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("名片 🪪.png", "名片 🪪.png"),
        ("C:\\fakepath\\报价.pdf", "报价.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/", "未命名"),
        ("..", "未命名"),
        ("", "未命名"),
        ("a\r\nSet-Cookie: x\0.txt", "aSet-Cookie: x.txt"),
        ("“引号”'\".txt", "“引号”'\".txt"),
        ("长" * 300 + ".docx", "长" * 250 + ".docx"),
        ("x" * 300, "x" * 255),
        ("\ud800.png", ".png"),
        (" 报价 .pdf ", "报价 .pdf"),
    ],
)
def test_a_name_keeps_what_does_no_harm(given: str, kept: str) -> None:
    assert uploads.clean_name(given) == kept


def test_a_ticket_lets_its_bearer_upload_for_an_hour(world: World) -> None:
    ticket = uploads.issue_ticket(world.installation, world.session("alice"))
    found = uploads.session_of_ticket(world.installation, ticket)
    assert (found.organisation_id, found.viewer.user_id) == (ORGANISATION.id, ALICE.id)
    forged = uploads.issue_ticket(world.installation, world.session("eve")).split(".")[0] + "." + ticket.split(".")[1]
    for wrong in ("", ".", "x", ticket[:-1], ticket + "x", forged, ticket.replace(".", ""), "名片.名片"):
        with pytest.raises(Unauthenticated):
            uploads.session_of_ticket(world.installation, wrong)
    world.change(replace(ALICE, workflow_state="left"))
    with pytest.raises(Unauthenticated):
        uploads.session_of_ticket(world.installation, ticket)
    world.change(ALICE)
    world.clock.at += uploads.TICKET_SECONDS
    with pytest.raises(Unauthenticated):
        uploads.session_of_ticket(world.installation, ticket)


@pytest.mark.parametrize("data", [samples.picture("PNG"), samples.recording("amr")], ids=["picture", "recording"])
def test_uploads_that_nobody_attached_are_swept_after_a_week_and_their_bytes_after_another(
    world: World, lead_id: int, data: bytes
) -> None:
    orphan, used = upload(world, data=data), upload(world)
    attach(world, Holder(1, lead_id), [used.id])
    world.clock.at = NOW + KEPT_SECONDS
    assert sweep_files(world.installation) == Swept(0, 0, 0)
    world.clock.at += 1
    assert sweep_files(world.installation) == Swept(1, 0, 0)
    with pytest.raises(NotFound):
        open_download(world.installation, ORGANISATION.id, orphan.id)
    assert len(list(_folder(world).rglob(f"{orphan.sha256.hex()}*"))) == 2
    world.clock.at += KEPT_SECONDS + 1
    assert sweep_files(world.installation) == Swept(0, 1, 0)
    assert list(_folder(world).rglob(f"{orphan.sha256.hex()}*")) == []
    assert open_download(world.installation, ORGANISATION.id, used.id).size == len(samples.PDF)


def test_a_sweep_that_is_asked_to_end_goes_on_the_next_time(world: World) -> None:
    for number in range(3):
        upload(world, data=b"%d" % number)
    world.clock.at = NOW + KEPT_SECONDS + 1
    assert sweep_files(world.installation, lambda: False) == Swept(0, 0, 0)
    assert sweep_files(world.installation).orphans == 3
    world.clock.at += KEPT_SECONDS + 1
    answers = iter([True, False] + [True, True, False] + [False] * 9)
    assert sweep_files(world.installation, lambda: next(answers)) == Swept(0, 0, 0)
    assert sweep_files(world.installation).bytes_of == 3


def test_bytes_that_another_file_needs_are_not_swept(world: World, lead_id: int) -> None:
    gone, used, elsewhere = upload(world), upload(world), upload(world, "eve")
    attach(world, Holder(1, lead_id), [used.id])
    files.delete_file(world.installation, world.session("alice"), gone.id)
    world.clock.at = NOW + 3 * KEPT_SECONDS
    sweep_files(world.installation)
    world.clock.at += 2 * KEPT_SECONDS
    sweep_files(world.installation)
    assert open_download(world.installation, ORGANISATION.id, used.id).size == used.size
    assert not world.installation.blobs.size(2, elsewhere.sha256)


def test_what_was_kept_but_never_confirmed_is_swept_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process is killed, or the database goes away, between the bytes and their file."""

    def killed(*_: object) -> Attachment:
        raise KeyboardInterrupt

    monkeypatch.setattr(uploads, "_confirm", killed)
    with pytest.raises(KeyboardInterrupt):
        upload(world)
    assert [path.is_file() for path in _folder(world).glob("1/*/*")] == [True]
    world.clock.at = NOW + KEPT_SECONDS + 1
    assert sweep_files(world.installation) == Swept(0, 1, 0)
    assert list(_folder(world).glob("1/*/*")) == []


def test_bytes_that_come_again_while_they_are_swept_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = upload(world)
    files.delete_file(world.installation, world.session("alice"), old.id)
    world.clock.at = NOW + KEPT_SECONDS + 1
    announced = uploads._announce

    def sweeping(*given: object) -> Attachment:
        told = announced(*given)  # type: ignore[arg-type]
        assert sweep_files(world.installation).bytes_of == 0
        return told

    monkeypatch.setattr(uploads, "_announce", sweeping)
    again = upload(world)
    assert b"".join(open_download(world.installation, ORGANISATION.id, again.id).read(0, 100)) == samples.PDF
    assert downloads.sweep_files(world.installation).bytes_of == 0


def _folder(world: World) -> Path:
    return Path(world.installation.blobs.place)
