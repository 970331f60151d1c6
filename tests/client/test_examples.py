"""The pieces of the SDK's page do what they say, against a real server."""

import pytest

from tests.documents import FENCE, ROOT, read
from tests.web.browsing import served
from tests.world import PASSWORD, World, follow_up, new_lead

PIECES = [code for language, code in FENCE.findall(read(ROOT / "docs/how-to/use-the-sdk.md")) if language == "python"]


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_a_piece_of_the_page_runs(world: World, capsys: pytest.CaptureFixture[str], piece: str) -> None:
    id_ = new_lead(world.client("alice"))
    follow_up(world.client("alice"), id_)
    with served(world) as url:
        for theirs, ours in (
            ("http://127.0.0.1:8000", url),
            ("1311120102", str(id_)),
            *(
                ()
                if "FakeServer" in piece
                else [('login="demo", password="demo"', f'login="alice", password="{PASSWORD}"')]
            ),
        ):
            piece = piece.replace(theirs, ours)
        exec(compile(piece, "use-the-sdk.md", "exec"), {})
    assert "print" not in piece or "在忙" in capsys.readouterr().out or "except" in piece
