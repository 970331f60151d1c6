"""Files and what they are attached to, on both engines."""

from dataclasses import replace

from genjin.domain.attachment import ACTIVITY, Attachment, FileKind, Holder
from genjin.store import files, secret
from genjin.store.database import Database
from genjin.store.transaction import Tx

PICTURE = Attachment(
    id=1,
    sha256=b"\x01" * 32,
    name="名片 🪪 'a/b'.png",
    content_type="image/png",
    size=2**40,
    kind=FileKind.PICTURE,
    uploaded_by=7,
    uploaded_at=1_000,
)
RECORDING = Attachment(
    id=2,
    sha256=b"\x02" * 32,
    name="通话.amr",
    content_type="audio/amr",
    size=10,
    kind=FileKind.RECORDING,
    uploaded_by=7,
    uploaded_at=2_000,
    seconds=61,
    note="第一次",
    sub_type="file",
    holder=Holder(ACTIVITY, 5),
    attached_at=3_000,
    waveform=bytes(range(200)),
)
LEAD, ENTRY = Holder(1, 5), Holder(ACTIVITY, 5)


def test_a_file_comes_back_as_it_was_put(database: Database) -> None:
    database.write(lambda tx: files.put(tx, 1, PICTURE, RECORDING))
    assert database.read(lambda tx: files.find(tx, 1, 1)) == PICTURE
    assert database.read(lambda tx: files.find(tx, 1, 2)) == RECORDING


def test_a_file_of_another_organisation_and_a_deleted_one_are_not_there(database: Database) -> None:
    database.write(lambda tx: files.put(tx, 1, PICTURE, replace(RECORDING, deleted_at=9)))
    assert database.read(lambda tx: files.find(tx, 2, 1)) is None
    assert database.read(lambda tx: files.find_many(tx, 1, [1, 2, 3])) == {1: PICTURE}
    assert database.read(lambda tx: files.held_by(tx, 1, [ENTRY])) == {}


def test_a_record_and_an_entry_with_one_number_have_files_of_their_own(database: Database) -> None:
    others = [replace(PICTURE, id=id_) for id_ in (3, 4)]

    def use(tx: Tx) -> None:
        files.put(tx, 1, PICTURE, RECORDING, *others)
        files.attach(tx, 1, [1, 3], LEAD, 3_000)

    database.write(use)
    found = database.read(lambda tx: files.held_by(tx, 1, [LEAD, ENTRY, Holder(2, 5)]))
    assert {holder: [file.id for file in some] for holder, some in found.items()} == {LEAD: [1, 3], ENTRY: [2]}
    assert found[LEAD][0].attached_at == 3_000


def test_the_files_of_a_record_are_paged_the_newest_first(database: Database) -> None:
    some = [replace(PICTURE, id=id_, holder=LEAD, attached_at=1_000 + id_ // 2) for id_ in range(1, 8)]
    database.write(lambda tx: files.put(tx, 1, *some))
    page, total = database.read(lambda tx: files.page_of(tx, 1, LEAD, 2, 3))
    assert ([file.id for file in page], total) == ([5, 4, 3], 7)


def test_what_is_attached_to_nothing_is_an_orphan_once_it_is_old(database: Database) -> None:
    def use(tx: Tx) -> list[list[int]]:
        files.put(tx, 1, PICTURE, RECORDING, replace(PICTURE, id=3, deleted_at=2_000))
        return [files.orphans(tx, 1, before, 10) for before in (1_000, 9_000)]

    assert database.write(use) == [[], [1]]


def test_bytes_are_needed_as_long_as_one_file_has_them(database: Database) -> None:
    def use(tx: Tx) -> list[bool]:
        files.put(tx, 1, replace(PICTURE, deleted_at=1), replace(PICTURE, id=3))
        files.put(tx, 2, PICTURE)
        first = files.forget(tx, 1, PICTURE.sha256, 5)
        files.remove(tx, 1, [3], 7)
        return [first, files.forget(tx, 1, PICTURE.sha256, 7), files.forget(tx, 1, PICTURE.sha256, 8)]

    assert database.write(use) == [False, False, True]
    assert database.read(lambda tx: files.find(tx, 2, 1)) == PICTURE


def test_what_is_announced_is_not_there_and_keeps_its_bytes(database: Database) -> None:
    def use(tx: Tx) -> tuple[Attachment | None, bool, list[bytes]]:
        files.announce(tx, 1, replace(PICTURE, deleted_at=10))
        return files.find(tx, 1, 1), files.forget(tx, 1, PICTURE.sha256, 5), files.deleted(tx, 1, 11, 5)

    assert database.write(use) == (None, False, [PICTURE.sha256])


def test_a_secret_is_made_once(database: Database) -> None:
    assert database.read(lambda tx: secret.find_secret(tx, "signing")) is None
    assert database.write(lambda tx: secret.make_secret(tx, "signing", b"one")) == b"one"
    assert database.write(lambda tx: secret.make_secret(tx, "signing", b"two")) == b"one"
    assert database.read(lambda tx: secret.find_secret(tx, "signing")) == b"one"
