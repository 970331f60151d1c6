"""Files and what they are attached to: who may use one, attaching, listing, deleting.

A use case that writes an entry takes its files within its own transaction: `claim` them by the ids that it was told,
and `attach` what came back to the activity or record. What arrives is in uploads.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.attachment import MAX_NOTE, MAX_SUB_TYPE, Attachment, FileChange, FileKind, Holder
from genjin.domain.records import Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.visibility import files_open, locked, seen, seen_entry
from genjin.store import files, records
from genjin.store.transaction import Tx

MOST_AT_ONCE = 100
"""Files of one entry, or of one call."""
_NOUNS = {FileKind.PICTURE: "图片", FileKind.FILE: "附件", FileKind.RECORDING: "录音"}


class FileView(NamedTuple):
    """A file, and the activity that it is attached to, where it is one."""

    file: Attachment
    entry: Facts | None = None


def claim(
    tx: Tx,
    session: Session,
    ids: Sequence[int],
    field: str = "attachment_ids",
    holder: Holder | None = None,
    kind: FileKind | None = None,
    record: Ref | None = None,
) -> list[Attachment]:
    """The files of these ids, in their order, for the viewer to attach: uploaded by them, attached to nothing yet.

    Those that are attached to `holder` already are theirs too, so that an edit may name them again; with `record`, so
    are their uploads that are attached to it. With `kind`, only files of that kind will do. They are locked until the
    transaction ends.

    Raises Invalid under `field`, naming each id that is none of these: missing, deleted, somebody else's, attached
    elsewhere and of another kind all look the same.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid({field: [f"不能超过{MOST_AT_ONCE}个"]})
    found = files.find_many(tx, session.organisation_id, wanted, lock=True)
    free = {None} if record is None else {None, _holder(record)}
    usable = {
        id_: file
        for id_, file in found.items()
        if kind in (None, file.kind)
        and (file.uploaded_by == session.viewer.user_id if file.holder in free else file.holder == holder)
    }
    if unknown := [id_ for id_ in wanted if id_ not in usable]:
        noun = _NOUNS[kind or FileKind.FILE]
        raise Invalid({field: [f"没有这个{noun}：{id_}" for id_ in unknown]})
    return [usable[id_] for id_ in wanted]


def attach(tx: Tx, session: Session, some: Sequence[Attachment], holder: Holder, now: int) -> None:
    """Attach what was claimed to a record or, as `Holder(ACTIVITY, activity_id)`, to an entry."""
    fresh = [file.id for file in some if file.holder != holder]
    files.attach(tx, session.organisation_id, fresh, holder, now)


def read_file(installation: Installation, session: Session, file_id: int) -> FileView:
    """One file. Raises NotFound when it is missing or what it is attached to is not visible."""
    return installation.read_for(session, lambda tx: visible(tx, session, file_id))


def list_files(installation: Installation, session: Session, ref: Ref, page: Page) -> tuple[list[Attachment], int]:
    """The files that are attached to a record itself, the newest first, and the number of all. Raises NotFound."""

    def use(tx: Tx) -> tuple[list[Attachment], int]:
        seen(tx, session, records.find(tx, session.organisation_id, ref))
        return files.page_of(tx, session.organisation_id, _holder(ref), page.offset, page.size)

    return installation.read_for(session, use)


def attach_to_record(
    installation: Installation, session: Session, ref: Ref, given: Sequence[FileChange], field: str
) -> list[Attachment]:
    """Attach the viewer's uploads to a record that they may change. Raises NotFound, Forbidden, Invalid."""
    check_words(given)
    now = installation.clock.now()

    def use(tx: Tx) -> list[Attachment]:
        locked(tx, session, ref)
        some = claim(tx, session, [each.id for each in given], field, _holder(ref))
        attach(tx, session, some, _holder(ref), now)
        for each in given:
            told: dict[str, object] = {"note": each.note, "sub_type": each.sub_type}
            if words := {key: value for key, value in told.items() if value is not None}:
                files.describe(tx, session.organisation_id, each.id, words)
        found = files.find_many(tx, session.organisation_id, [file.id for file in some])
        return [found[file.id] for file in some]

    return installation.database.write(use, session.organisation_id)


def delete_file(installation: Installation, session: Session, file_id: int) -> FileView:
    """Delete a file: one's own while it is attached to nothing, and those of records that one may change.

    Raises NotFound; Forbidden for a file of an entry, which is changed with its entry.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> FileView:
        view = visible(tx, session, file_id)
        holder = view.file.holder
        if holder is not None and holder.ref is None:
            raise Forbidden("请修改该附件所属的跟进或通话")
        if holder is not None and holder.ref is not None:
            locked(tx, session, holder.ref)
        files.remove(tx, session.organisation_id, [file_id], now)
        return view._replace(file=replace(view.file, deleted_at=now))

    return installation.database.write(use, session.organisation_id)


def visible(tx: Tx, session: Session, file_id: int) -> FileView:
    """A file that the viewer may see: who uploaded it while it is attached to nothing, afterwards who sees the record
    that it is attached to, or may open the files of the entry. Raises NotFound.
    """
    file = files.find(tx, session.organisation_id, file_id)
    if file is None or (file.holder is None and file.uploaded_by != session.viewer.user_id):
        raise NotFound("no such file")
    if file.holder is None:
        return FileView(file)
    if (ref := file.holder.ref) is not None:
        seen(tx, session, records.find(tx, session.organisation_id, ref))
        return FileView(file)
    entry = seen_entry(tx, session, file.holder.id)
    if not files_open(tx, session, [entry.target]):
        raise NotFound("no such file")
    return FileView(file, entry)


def check_words(given: Iterable[FileChange]) -> None:
    """Raises Invalid for a note or sub type that is too long."""
    errors: dict[str, list[str]] = {}
    for each in given:
        if len(each.note or "") > MAX_NOTE:
            errors["note"] = [f"不能超过{MAX_NOTE}个字符"]
        if len(each.sub_type or "") > MAX_SUB_TYPE:
            errors["sub_type"] = [f"不能超过{MAX_SUB_TYPE}个字符"]
    if errors:
        raise Invalid(errors)


def _holder(ref: Ref) -> Holder:
    return Holder(int(ref.type), ref.id)
