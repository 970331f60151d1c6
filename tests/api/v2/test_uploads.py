"""Uploading: our way, the mobile client's with a ticket, the web form's; and what is refused."""

import base64
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from genjin.service.files.uploads import TICKET_SECONDS
from genjin.settings import Settings
from genjin.store import files
from tests import samples
from tests.api.uploading import UPLOAD, WITH_TICKET, follow, multipart, upload
from tests.world import ALICE, BOB, NOW, ORGANISATION, SHANGHAI, World, new_lead, ok, refused

NAMES = ["名片 🪪 (1).png", "a'b\"c.png", "100% 好.png", "a;b=c.png", "ｆｕｌｌ．png", "é è.png"]


def test_an_upload_is_answered_with_its_dump(alice: httpx.Client) -> None:
    told = upload(alice, samples.recording("wav"), "通话.mp3", note="第一次通话", sub_type="file")
    now = SHANGHAI.iso(NOW)
    waveform = told.pop("waveform")
    links = {key: told.pop(key) for key in ("file_url", "origin_url", "public_url", "mp3_file_url")}
    assert told == {
        "id": told["id"],
        "name": "通话.mp3",
        "attachmentable_id": None,
        "attachmentable_type": None,
        "created_at": now,
        "updated_at": now,
        "file_file_name": "通话.mp3",
        "file_content_type": "audio/wav",
        "file_file_size": len(samples.recording("wav")),
        "file_updated_at": now,
        "user_id": ALICE.id,
        "organization_id": ORGANISATION.id,
        "deleted_at": None,
        "note": "第一次通话",
        "sub_type": "file",
        "kind": "recording",
        "duration": 3,
    }
    assert len(waveform) == 200
    assert {follow(alice, url).content for url in links.values()} == {samples.recording("wav")}


@pytest.mark.parametrize("field", ["file", "file[]", "upload", "录音"])
def test_the_file_may_be_in_any_field(alice: httpx.Client, field: str) -> None:
    told = ok(alice.post(UPLOAD, files={field: ("a.pdf", samples.PDF)}))
    assert follow(alice, told["file_url"]).content == samples.PDF


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_and_comes_back(alice: httpx.Client, name: str) -> None:
    told = upload(alice, name=name)
    assert told["name"] == told["file_file_name"] == name
    assert urlsplit(told["file_url"]).path.isascii()


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("name=file; filename=plain.pdf", "plain.pdf"),
        ("name=\"file\"; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.pdf", "报价.pdf"),
        ('name="file"; filename="x.pdf"; filename*=utf-8\'\'%E6%8A%A5%E4%BB%B7.pdf', "报价.pdf"),
        ('name="file"; filename="say %22hi%22.pdf"', 'say "hi".pdf'),
        ('name="file"; filename="C:\\fakepath\\报价.pdf"', "报价.pdf"),
        ('name="file"; filename="../../报价.pdf"', "报价.pdf"),
        ('name="file"; filename=""', "未命名"),
        ('name="file"', "未命名"),
    ],
)
def test_a_name_is_read_in_every_way_that_clients_write_it(alice: httpx.Client, disposition: str, name: str) -> None:
    body, headers = multipart((disposition, samples.PDF))
    assert ok(alice.post(UPLOAD, content=body, headers=headers))["name"] == name


def test_a_name_in_gbk_is_read_too(alice: httpx.Client) -> None:
    body, headers = multipart(('name="file"; filename="NAME"', samples.PDF))
    told = ok(alice.post(UPLOAD, content=body.replace(b"NAME", "报价单.pdf".encode("gbk")), headers=headers))
    assert told["name"] == "报价单.pdf"


def test_a_told_name_goes_before_the_files_own_also_behind_the_file(alice: httpx.Client) -> None:
    body, headers = multipart(('name="file"; filename="x.pdf"', samples.PDF), ('name="name"', "合同.pdf".encode()))
    assert ok(alice.post(UPLOAD, content=body, headers=headers))["name"] == "合同.pdf"


def test_an_upload_may_name_the_record_that_it_belongs_to(alice: httpx.Client, id_: int) -> None:
    told = upload(alice, entity_type="lead", entity_id=str(id_))
    assert (told["attachmentable_type"], told["attachmentable_id"]) == ("Lead", id_)
    charlie = {"entity_type": "lead", "entity_id": "999"}
    refused(alice.post(UPLOAD, data=charlie, files={"file": ("x", b"x")}), 100100)
    wrong = refused(alice.post(UPLOAD, data={"entity_type": "x", "entity_id": "y"}, files={"file": b"x"}), 100422)
    assert wrong["errors"].keys() == {"entity_type", "entity_id"}


def test_the_token_may_stand_in_the_query_or_before_the_file_but_not_behind_it(
    stranger: httpx.Client, world: World
) -> None:
    token, file = world.site.tokens["alice"], ('name="file"; filename="x.pdf"', samples.PDF)
    ok(stranger.post(UPLOAD, params={"user_token": token}, files={"file": ("x.pdf", samples.PDF)}))
    field = ('name="user_token"', token.encode())
    body, headers = multipart(field, file)
    ok(stranger.post(UPLOAD, content=body, headers=headers))
    body, headers = multipart(file, field)
    refused(stranger.post(UPLOAD, content=body, headers=headers), 100401)


def test_nothing_of_a_stranger_is_kept(stranger: httpx.Client, world: World) -> None:
    refused(stranger.post(UPLOAD, files={"file": ("x.pdf", samples.PDF)}), 100401)
    refused(stranger.post(WITH_TICKET, data={"token": "x.y"}, files={"file": ("x.pdf", samples.PDF)}), 100401)
    refused(stranger.post(WITH_TICKET, files={"file": ("x.pdf", samples.PDF)}), 100401)
    assert kept(world) == []


def test_what_is_no_upload_is_refused(alice: httpx.Client, world: World) -> None:
    body, headers = multipart(('name="file"; filename="x.pdf"', samples.PDF))
    for wrong in (
        alice.post(UPLOAD, json={"file": "x"}),
        alice.post(UPLOAD, content=b"x"),
        alice.post(UPLOAD, data={"name": "x"}),
        alice.post(UPLOAD, content=b"", headers=headers),
        alice.post(UPLOAD, content=b"nothing of it", headers=headers),
        alice.post(UPLOAD, content=body[:-20], headers=headers),
        alice.post(UPLOAD, content=body, headers={"Content-Type": "multipart/form-data"}),
        alice.post(UPLOAD, content=body, headers={"Content-Type": "multipart/form-data; boundary=other"}),
        alice.post(UPLOAD, files={"file": ("empty.pdf", b"")}),
        alice.post(UPLOAD, files=[("a", ("a.pdf", samples.PDF)), ("b", ("b.pdf", samples.PDF))]),
        alice.post(UPLOAD, data={"note": "x" * 2001}, files={"file": ("x.pdf", samples.PDF)}),
        alice.post(UPLOAD, data={"sub_type": "x" * 65}, files={"file": ("x.pdf", samples.PDF)}),
        alice.post(UPLOAD, data={f"f{n}": "" for n in range(300)}, files={"file": ("x.pdf", samples.PDF)}),
        alice.post(UPLOAD, data={"note": "x" * 1_100_000}, files={"file": ("x.pdf", samples.PDF)}),
    ):
        refused(wrong, 100422)
    empty, headers = multipart()
    refused(alice.post(UPLOAD, content=empty, headers=headers), 100422)
    body, headers = multipart(('name="note"', b"\xff"), ('name="file"; filename="x"', b"x"))
    assert "note" in refused(alice.post(UPLOAD, content=body, headers=headers), 100422)["errors"]
    assert kept(world) == []


def test_a_file_may_be_as_large_as_the_setting_says_and_no_larger(world: World) -> None:
    alice = world.client("alice", max_file_bytes=2048)
    assert upload(alice, b"x" * 2048)["file_file_size"] == 2048
    told = refused(alice.post(UPLOAD, files={"file": ("x", b"x" * 2049)}), 100422)
    assert told["errors"] == {"file": ["不能超过2048字节"]}
    assert len(kept(world)) == 1


def test_only_uploads_may_be_larger_than_other_bodies(world: World) -> None:
    alice = world.client("alice", max_body_bytes=4096)
    assert upload(alice, b"x" * 100_000)["file_file_size"] == 100_000
    refused(alice.post("/api/v2/leads", json={"lead": {"name": "x" * 5000}}), 100422)
    too_large = {"Content-Length": str(Settings().max_file_bytes + 4097)}
    refused(alice.post(UPLOAD, content=b"x", headers=too_large), 100422)


def test_the_mobile_client_uploads_with_a_ticket(alice: httpx.Client, stranger: httpx.Client, world: World) -> None:
    for policy in ("attachment", "audio2mp3"):
        body = alice.get("/api/v2/qiniu/auth/upload_token", params={"policy": policy}).json()
        assert list(body) == ["code", "uptoken", "upload_url", "expires_in"]
        assert (body["code"], body["expires_in"]) == (0, TICKET_SECONDS)
        assert body["upload_url"] == f"http://genjin.test{WITH_TICKET}"
    form = {
        "token": body["uptoken"],
        "key": "ignored",
        "x:custom_name": "通话录音.wav",
        "x:attachment_type": "audio",
        "x:orgid": "1",
        "x:userid": "2",
        "x:audioable_type": "DialLog",
        "x:audioable_id": "77",
    }
    sound = samples.recording("wav")
    told = stranger.post(WITH_TICKET, data=form, files={"file": ("blob", sound)}).json()
    digest = files.find
    assert told["payload"] == {key: value for key, value in told.items() if key not in ("code", "payload")}
    assert follow(stranger, told["file_url"]).content == sound
    assert {key: told[key] for key in ("code", "name", "size", "type", "duration", "bucket", "persistentId")} == {
        "code": 0,
        "name": "通话录音.wav",
        "size": len(sound),
        "type": "audio/wav",
        "duration": 3,
        "bucket": "genjin",
        "persistentId": "",
    }
    assert told["key"] == f"{told['etag']}/通话录音.wav"
    found = world.database.read(lambda tx: digest(tx, ORGANISATION.id, told["id"]))
    assert found is not None
    assert (found.uploaded_by, found.sha256.hex(), found.holder) == (ALICE.id, told["etag"], None)


def test_a_recording_may_name_its_record_in_the_ticket_s_form(world: World, id_: int) -> None:
    bob = world.client("bob")
    ticket = bob.get("/api/v2/qiniu/auth/upload_token").json()["uptoken"]
    form = {"token": ticket, "x:audioable_type": "Lead", "x:audioable_id": str(id_)}
    told = world.client().post(WITH_TICKET, data=form, files={"file": ("x.wav", samples.recording("wav"))}).json()
    dump = ok(bob.get(f"{UPLOAD}/{told['id']}"))
    assert (dump["attachmentable_type"], dump["attachmentable_id"], dump["user_id"]) == ("Lead", id_, BOB.id)


def test_the_web_form_uploads_with_a_policy_and_its_signature(alice: httpx.Client, stranger: httpx.Client) -> None:
    body = alice.get("/api/pc/qiniu/auth/oss_upload_token.json", params={"policy": "attachment"}).json()
    assert list(body) == ["code", "uptoken"]
    parts = body["uptoken"]
    assert list(parts) == ["host", "accessid", "policy", "signature", "callback"]
    assert orjson.loads(base64.b64decode(parts["callback"]))["callbackUrl"] == parts["host"]
    for name in ("signature", "Signature"):
        form = {"OSSAccessKeyId": parts["accessid"], "policy": parts["policy"], name: parts["signature"]}
        told = stranger.post(parts["host"], data=form, files={"file": ("x.pdf", samples.PDF)}).json()
        assert (told["code"], told["id"]) == (0, told["payload"]["id"])
    refused(stranger.post(parts["host"], data={"policy": parts["policy"]}, files={"file": b"x"}), 100401)


def test_a_ticket_ends_after_an_hour_and_opens_nothing_else(
    alice: httpx.Client, stranger: httpx.Client, world: World
) -> None:
    ticket = alice.get("/api/v2/qiniu/auth/upload_token").json()["uptoken"]
    refused(stranger.get("/api/v2/leads", params={"user_token": ticket}), 100401)
    refused(stranger.post(UPLOAD, data={"user_token": ticket}, files={"file": b"x"}), 100401)
    world.clock.at += TICKET_SECONDS
    refused(stranger.post(WITH_TICKET, data={"token": ticket}, files={"file": b"x"}), 100401)


def test_a_ticket_is_for_who_is_signed_in(stranger: httpx.Client) -> None:
    for path in ("/api/v2/qiniu/auth/upload_token", "/api/pc/qiniu/auth/oss_upload_token.json"):
        refused(stranger.get(path), 100401)


def test_uploads_count_against_the_rate_limit(world: World) -> None:
    alice = world.client("alice", rate_limit="2/10s")
    upload(alice)
    ticket = alice.get("/api/v2/qiniu/auth/upload_token").json()["uptoken"]
    anyone = world.client(rate_limit="2/10s")
    assert anyone.post(WITH_TICKET, data={"token": ticket}, files={"file": b"x"}).status_code == 429


def test_links_begin_with_the_public_address_where_one_is_set(world: World) -> None:
    plain, public = (
        upload(world.client("alice")),
        upload(world.client("alice", public_url="https://crm.example.com/x/")),
    )
    assert plain["file_url"].startswith(f"http://genjin.test/files/{plain['id']}/")
    assert public["file_url"].startswith(f"https://crm.example.com/x/files/{public['id']}/")
    client = world.client("alice", public_url="https://crm.example.com/x/")
    ticket = client.get("/api/v2/qiniu/auth/upload_token").json()
    assert ticket["upload_url"] == f"https://crm.example.com/x{WITH_TICKET}"
    odd = world.client("alice").post(UPLOAD, files={"file": b"x"}, headers={"Host": 'evil"/x'})
    assert "evil" not in odd.text


def test_a_picture_has_a_thumbnail(alice: httpx.Client) -> None:
    told = upload(alice, samples.picture("PNG", 1200, 900), "名片.png")
    assert (told["kind"], told["file_content_type"], told["waveform"]) == ("picture", "image/png", [])
    small = follow(alice, told["file_url"])
    assert (small.headers["content-type"], small.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert follow(alice, told["origin_url"]).content == samples.picture("PNG", 1200, 900)


def test_a_recording_that_no_browser_plays_is_given_as_mp3_too(alice: httpx.Client) -> None:
    told = upload(alice, samples.recording("amr"), "通话.amr")
    assert (told["kind"], told["file_content_type"], told["duration"]) == ("recording", "audio/amr", 3)
    assert follow(alice, told["file_url"]).content == samples.recording("amr")
    played = follow(alice, told["mp3_file_url"], Range="bytes=0-")
    assert (played.status_code, played.headers["content-type"]) == (206, "audio/mpeg")
    assert len(played.content) > 3000
    plain = upload(alice, samples.recording("mp3"))
    assert plain["mp3_file_url"] == plain["file_url"]
    assert upload(alice)["mp3_file_url"] is None


def test_an_upload_is_not_seen_by_others_before_it_is_attached(alice: httpx.Client, world: World) -> None:
    told, lead = upload(alice), new_lead(alice)
    for name in ("bob", "charlie", "dora", "eve"):
        refused(world.client(name).get(f"{UPLOAD}/{told['id']}"), 100100)
        form = {"attachment_ids": [told["id"]]}
        if name in ("bob", "dora"):
            refused(world.client(name).post(f"{UPLOAD}/lead/{lead}/upload_attachments", json=form), 100422)
    assert ok(alice.get(f"{UPLOAD}/{told['id']}"))["id"] == told["id"]


def kept(world: World) -> list[str]:
    """The names of what lies in the folder of files."""
    folder = Path(world.installation.blobs.place)
    return [path.name for path in folder.rglob("*") if path.is_file()]
