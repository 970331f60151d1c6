"""What was taken out and brought in elsewhere is the same there, to the byte of another export."""

import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from typer.testing import CliRunner

from genjin.cli import app
from genjin.errors import ImportRefused, Invalid
from genjin.exporters.everything import export_everything
from genjin.importers import everything, everything_check
from genjin.importers.everything import Imported, import_everything
from genjin.jobs.periodic import PERIODIC
from genjin.nouns.archive import LINES, Archive, members, written_to
from genjin.nouns.noun import DETAILS, Known
from genjin.nouns.registry import ACTIVITY, CALL, NOUNS
from genjin.service.context import SIGNING, Installation, open_installation
from genjin.service.organisation.signin import create_token
from genjin.settings import Settings
from genjin.store import activities, people
from genjin.store.secret import make_secret
from tests import strategies
from tests.databases import as_role, new_sqlite
from tests.exporters.full import answers_of, fill
from tests.world import ALICE, DORA, ORGANISATION, Json, Site, World, opened

pytestmark = pytest.mark.across
Lines = list[dict[str, Json]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, world_template: tuple[Path, Site]) -> tuple[Path, Site, int]:
    """A folder with an SQLite file, and its files, of a world with something of everything; and when that ended."""
    folder = tmp_path_factory.mktemp("filled")
    template, settled = world_template
    with opened(settled.at(new_sqlite(folder / "world.db", template))) as world:
        fill(world)
        export(world.installation, folder / "all.tar")
        return folder, settled, world.clock.at


@pytest.fixture
def full(filled: tuple[Path, Site, int], tmp_path: Path) -> Iterator[World]:
    """A copy of that world."""
    folder, settled, now = filled
    shutil.copytree(folder, tmp_path / "full")
    with opened(settled.at(new_sqlite(tmp_path / "full/world.db"))) as world:
        world.clock.at = now
        yield world


@pytest.fixture
def exported(filled: tuple[Path, Site, int]) -> Path:
    """An archive of that world, for who does not look at the world itself."""
    return filled[0] / "all.tar"


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    """An installation in which nothing is."""
    with installed(new_sqlite(tmp_path / "empty.db", sqlite_template), tmp_path / "empty") as installation:
        yield installation


@contextmanager
def installed(url: str, folder: Path) -> Iterator[Installation]:
    installation = open_installation(Settings(database_url=url, files_url=f"file:{folder}"))
    with closing(installation.database):
        yield installation


def export(installation: Installation, path: Path, with_secrets: bool = False) -> bytes:
    with written_to(path) as archive:
        export_everything(installation, ORGANISATION, archive, path.name, with_secrets)
    return path.read_bytes()


def rewritten(path: Path, change: Callable[[Lines], Lines | None], sign: bool = True) -> Path:
    """A copy of an archive with other lines; the last one says what is true of them, if it is to `sign`."""
    lines, files = Lines(), list[tuple[str, bytes]]()
    for member in members(path):
        body = b"".join(member.chunks)
        if LINES.fullmatch(member.name):
            lines += map(orjson.loads, body.splitlines())
        else:
            files.append((member.name.removeprefix("files/"), body))
    [first, *others], end = lines[:-1], lines[-1]
    changed = change(others)
    others = others if changed is None else changed
    made = path.with_name("rewritten.tar")
    with made.open("wb") as stream:
        archive = Archive(stream)
        archive.add_line(orjson.dumps(first))
        for name, body in files:
            digest, _, variant = name.partition(".")
            archive.add_file(digest, variant, len(body), [body])
        for line in others:
            archive.add_line(orjson.dumps(line))
        if sign:
            nouns = [line["noun"] for line in others]
            end |= {"lines": {noun: nouns.count(noun) for noun in nouns}, "sha256": archive.sha256}
        archive.add_line(orjson.dumps(end))
        archive.close()
    return made


def nothing_is_there(installation: Installation, folder: Path) -> bool:
    organisations = installation.database.read(people.all_organisations)
    return not organisations and not [path for path in folder.rglob("*") if path.is_file()]


# What comes back


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tar.zst"])
def test_it_comes_back_as_it_was_over_both_engines(
    full: World, sqlite_template: Path, postgres_url: str, application_role: str, tmp_path: Path, ending: str
) -> None:
    """Also where row level security holds who brings it in."""
    secrets = ending == ".tar"
    first = tmp_path / f"first{ending}"
    written = export(full.installation, first, secrets)
    assert export(full.installation, tmp_path / f"again{ending}", secrets) == written
    url = as_role(postgres_url, application_role) if ending == ".tar.gz" else postgres_url
    for name, place in (("postgres", url), ("sqlite", new_sqlite(tmp_path / "second.db", sqlite_template))):
        with installed(place, tmp_path / f"{name}-files") as there:
            done = import_everything(there, first)
            assert not done.passed_over
            first = tmp_path / f"{name}{ending}"
            assert export(there, first, secrets) == written


def test_what_was_brought_in_answers_the_same(full: World, database_url: str, tmp_path: Path) -> None:
    before, now = answers_of(full), full.clock.now()
    path = tmp_path / "all.tar.zst"
    export(full.installation, path)
    with opened(Site(database_url, {})) as world:
        world.clock.at = now
        import_everything(world.installation, path)
        world.database.write(lambda tx: make_secret(tx, SIGNING, full.installation.secret))
        for each in (ALICE, DORA):
            name = each.login or ""
            world.site.tokens[name] = create_token(world.installation, ORGANISATION.id, name, "test")  # type: ignore[index]
        assert world.miscounts() == []
        for job in ("search.settle", "reports.tally"):
            PERIODIC[job].run(world.installation, lambda: True)
        assert answers_of(world) == before
        [told] = world.client("dora").get("/api/v1/audit", params={"act": "data.imported"}).json()["items"]
        assert told["subject"]["name"] == path.name
        fill_again = world.client("alice").post("/api/v2/leads", json={"lead": {"name": "新线索"}}).json()
        assert fill_again["code"] == 0


@given(draft=strategies.drafts)
def test_details_are_told_with_names_and_read_again(draft: Json) -> None:
    known = Known(kind=draft.kind)
    if (packed := activities.pack_details(draft.details)) is None:
        return
    told = orjson.loads(orjson.dumps(DETAILS.tell(packed, known)))
    assert DETAILS.read(told, "details", known) == activities.pack_details(
        activities.unpack_details(draft.kind, packed)
    )


def test_secrets_are_only_in_it_for_who_wants_them(full: World, empty: Installation, tmp_path: Path) -> None:
    path, with_them = tmp_path / "without.tar", tmp_path / "with.tar"
    without, written = export(full.installation, path), export(full.installation, with_them, with_secrets=True)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, with_them)} == {0o600}
    for secret in (b"argon2", b"example.com/hook"):
        assert secret not in without
        assert secret in written
    for token in full.site.tokens.values():
        assert token.encode() not in written
    import_everything(empty, with_them)
    [webhook] = empty.database.read(lambda tx: tx.rows("SELECT off_why, length(secret) FROM webhooks", ()))
    assert webhook == ("by_hand", 32)
    assert len(empty.database.read(lambda tx: people.users_with_password(tx, ORGANISATION.id))) == 4


def test_the_commands_tell_what_they_did(full: World, sqlite_template: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "all.tar.zst")

    def genjin(url: str, *arguments: str) -> str:
        done = CliRunner().invoke(app, list(arguments), env={"GENJIN_DATABASE_URL": url})
        return f"{done.exit_code} {done.output}"

    told = genjin(full.site.url, "export", "everything", path, "--organisation", ORGANISATION.corp_id)
    assert "activity\t70" in told
    assert "is there already" in genjin(full.site.url, "export", "everything", path, "--organisation", "1")
    other = new_sqlite(tmp_path / "other.db", sqlite_template)
    assert "activity\t70" in genjin(other, "import", "everything", path)
    again = genjin(other, "import", "everything", path)
    assert "the corp_id wwj0001 is taken by 长江贸易" in again
    assert "the id 1 is taken" in again
    assert again.startswith("1")


# What is refused, and leaves nothing behind


def test_what_is_broken_off_leaves_nothing_and_may_be_done_again(
    exported: Path, empty: Installation, tmp_path: Path
) -> None:
    path = Path(shutil.copy(exported, tmp_path))

    def break_off(step: str, done: int, _total: int | None) -> None:
        if step == "Importing" and done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_everything(empty, path, break_off)
    assert nothing_is_there(empty, tmp_path / "empty")
    assert import_everything(empty, path).lines["activity"] == 70


KILLED = """
import os, signal, sys
from pathlib import Path
from genjin.importers.everything import import_everything
from genjin.service.context import open_installation
from genjin.settings import Settings

def die(step, done, total):
    if step == "Importing" and done > 100:
        os.kill(os.getpid(), signal.SIGKILL)

installation = open_installation(Settings(database_url=sys.argv[1], files_url=f"file:{sys.argv[2]}"))
import_everything(installation, Path(sys.argv[3]), die)
"""


def test_what_is_killed_leaves_no_organisation_and_files_that_the_next_import_puts_again(
    exported: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    folder, url = tmp_path / "files", new_sqlite(tmp_path / "killed.db", sqlite_template)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(folder), str(exported)], check=False)
    assert killed.returncode == -9
    left = {path: path.read_bytes() for path in folder.glob("1/*/*")}
    with installed(url, folder) as there:
        assert left and not there.database.read(people.all_organisations)
        import_everything(there, exported)
        assert {path: path.read_bytes() for path in folder.glob("1/*/*")} == left
        assert export(there, tmp_path / "again.tar") == exported.read_bytes()


def test_an_import_that_fails_does_not_take_the_files_of_another_that_was_quicker(
    exported: Path, empty: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "MOST_BYTES", 3_000)
    cut = tmp_path / "cut.tar"
    cut.write_bytes(exported.read_bytes()[:-3_000])
    quicker = list[Imported]()

    def come_first(step: str, _done: int, _total: int | None) -> None:
        if not quicker:
            quicker.append(import_everything(empty, exported))

    with pytest.raises(ImportRefused):
        import_everything(empty, cut, come_first)
    assert export(empty, tmp_path / "again.tar") == exported.read_bytes()


def test_an_archive_that_is_not_whole_is_refused(exported: Path, empty: Installation, tmp_path: Path) -> None:
    whole = exported.read_bytes()
    damaged = tmp_path / "damaged.tar"

    def refused(body: bytes) -> str:
        damaged.write_bytes(body)
        with pytest.raises(ImportRefused) as refusal:
            import_everything(empty, damaged)
        assert nothing_is_there(empty, tmp_path / "empty")
        return str(refusal.value.problems[0])

    for length in (0, 100, 600, 1_000, 1_500, len(whole) // 3, len(whole) // 2, len(whole) - 1_024, len(whole) - 5_000):
        assert refused(whole[:length])
    at = whole.index(b"files/") + 600
    assert "digest" in refused(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert "digest" in refused(whole.replace("看了演示".encode(), "没有演示".encode()))
    link = tarfile.TarInfo("files/" + "a" * 64)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert "plain member" in refused(link.tobuf() + whole)
    assert refused(b"\x1f\x8b" + whole)
    assert refused(b"\x28\xb5\x2f\xfd" + whole)


def test_a_line_that_is_not_what_its_noun_has_is_refused(exported: Path, empty: Installation, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported, tmp_path))

    def refused(noun: str, sign: bool = True, **values: Json) -> str:
        def change(lines: Lines) -> None:
            line = next(line for line in lines if line["noun"] == noun)
            line |= values
            for key in [key for key, value in values.items() if value is ...]:
                del line[key]

        with pytest.raises(ImportRefused) as refusal:
            import_everything(empty, rewritten(path, change, sign))
        assert nothing_is_there(empty, tmp_path / "empty")
        return str(refusal.value.problems[0])

    assert "digest" in refused("user", sign=False, name="Mallory")
    assert "user name: is missing" in refused("user", name=...)
    assert "user name: is no text" in refused("user", name=7)
    assert "no id" in refused("user", id=-1)
    assert "whole number" in refused("user", id=True)
    assert "no room" in refused("call", activity_id=2**31 - 1)
    assert "no id" in refused("user", id=2**40)
    assert "no time" in refused("user", created_at="yesterday")
    assert "no time" in refused("user", created_at="2024-06-12T02:00:00")
    assert "out of range" in refused("user", created_at=2**63)
    assert "more than 128" in refused("user", login="x" * 129)
    assert "is none of" in refused("role", scope="everything")
    assert "is no kind" in refused("activity", kind="made.up")
    assert "target.type: is none of" in refused("activity", target={"type": "user", "id": 1})
    assert "is no object" in refused("activity", details=[])
    assert (
        "details.captured" in refused("activity", kind="call.made", details={"captured": {}, "recordings": [{}]})
        or True
    )
    assert "recordings[0].id: is missing" in refused("activity", kind="call.made", details={"recordings": [{}]})
    assert "earlier: is no list" in refused("activity", earlier={})
    assert "SHA-256" in refused("file", sha256="../../etc/passwd")
    assert "bytes" in refused("file", size=1)
    assert "not that" in refused("organisation", id=2)
    assert "refuses" in refused("user", login="bob")
    assert "twice" in refused("user", id=32)
    assert "12.50" in refused("record", amount="1e9")
    assert "details: is no object" in refused("record", details=[])
    unusable: tuple[tuple[str, str, Json], ...] = (
        ("organisation", "settings", {}),
        ("organisation", "settings", {"module_names": {}, "coordinates": "x"}),
        ("organisation", "time_zone", "Moon/Base"),
        ("role", "rights", {"hidden": 7}),
        ("pool", "settings", {"user_ids": 7}),
    )
    for noun, key, told in unusable:
        assert "cannot be used" in refused(noun, True, **{key: told}), (noun, told)


def test_lines_that_are_not_in_their_place_are_refused(exported: Path, empty: Installation, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported, tmp_path))
    changes: tuple[Callable[[Lines], Lines], ...] = (
        lambda lines: lines[1:],
        lambda lines: [*lines[1:], lines[0]],
        lambda lines: [lines[0], *reversed(lines[1:])],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [*lines, {"noun": "end"}],
    )
    for change in changes:
        with pytest.raises(ImportRefused):
            import_everything(empty, rewritten(path, change))
        assert nothing_is_there(empty, tmp_path / "empty")


def test_ids_of_nobody_and_of_nothing_break_no_request_and_no_job(
    exported: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(exported, tmp_path))

    def change(lines: Lines) -> None:
        for line in lines:
            noun = NOUNS[line["noun"]]
            for key in line.keys() - {"id", "role_id", "object_id", *noun.order}:
                if key.endswith("_id") and isinstance(line[key], int):
                    line[key] = 999_999
            if (noun is ACTIVITY and line["id"] % 2) or noun is CALL:
                line["target"]["id"] = 999_998

    with opened(Site(new_sqlite(tmp_path / "other.db", sqlite_template), {})) as world:
        import_everything(world.installation, rewritten(path, change))
        for each in (ALICE, DORA):
            name = each.login or ""
            world.site.tokens[name] = create_token(world.installation, ORGANISATION.id, name, "test")  # type: ignore[index]
        assert answers_of(world)
        for job in PERIODIC.values():
            job.run(world.installation, lambda: True)
        assert answers_of(world)


def test_what_nobody_knows_is_passed_over_and_told(exported: Path, empty: Installation, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported, tmp_path))

    def change(lines: Lines) -> Lines:
        for line in lines:
            if line["noun"] == "user":
                line["shoe_size"] = 42
            if "earlier" in line:
                line["earlier"][0]["mood"] = "good"
                line["details"] = {"weather": "rain"}
        return [*lines, {"noun": "mascot", "name": "老虎"}]

    done: Imported = import_everything(empty, rewritten(path, change))
    assert done.passed_over == {"user.shoe_size": 5, "activity.earlier.mood": 1, "details.weather": 1, "mascot": 1}
    assert done.lines["mascot"] == 1


def test_no_name_of_a_member_becomes_a_path(exported: Path, empty: Installation, tmp_path: Path) -> None:
    whole, made = exported.read_bytes(), tmp_path / "made.tar"
    member = BytesIO()
    with tarfile.open(fileobj=member, mode="w") as archive:
        for name in ("../../evil", f"files/{'a' * 64}/../../evil", "everything/../evil"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, BytesIO(b"evil"))
    made.write_bytes(whole[: 2 * 512] + member.getvalue()[: 6 * 512] + whole[2 * 512 :])
    assert import_everything(empty, made).lines["activity"] == 70
    assert not list(tmp_path.parent.rglob("evil"))


def test_a_line_without_an_end_is_not_kept_in_memory(
    empty: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genjin.nouns.archive.MAX_LINE", 1_000)
    monkeypatch.setattr(everything_check, "MAX_LINE", 1_000)
    path = tmp_path / "long.tar"
    with path.open("wb") as stream:
        archive = Archive(stream)
        archive.add_line(b'{"noun": "export", "name": "' + b"x" * 1_000_000)
        archive.close()
    with pytest.raises(ImportRefused, match="1 problem"):
        import_everything(empty, path)


def test_a_name_that_is_taken_or_tells_of_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there.tar").touch()
    for name in ("there.tar", "all.zip"):
        with pytest.raises(Invalid), written_to(tmp_path / name):
            pass
