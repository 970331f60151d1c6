"""Writes the tables and examples of docs/reference/kinds.md (`make examples`);
tests/api/v2/test_kinds.py holds them.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from genjin.domain.kinds import FOLLOW_UP_WRITTEN, KINDS, Kind
from genjin.logs import configure_logs
from genjin.wire.user import WireUser
from tests.acts import entry_of
from tests.databases import migrate, new_sqlite
from tests.documents import ROOT, empty_forms, read, rows, section
from tests.world import Json, Site, opened, settle

PAGE = ROOT / "docs/reference/kinds.md"
BY_EVERY_KIND = (
    *("id", "user", "title", "timestamp", "refer_type_display", "refer_type", "refer_name", "refer_id"),
    *("saleable_name", "saleable_id", "saleable_type", "saleable_type_display"),
    *("activity_type_display", "activity_type", "updated_at", "created_at", "real_created_at"),
)
BY_THE_RECORD = (
    *("is_common_customer", "common_customer_source", "is_lead_and_turned", "refer_approve_status"),
    *("contacts", "contract", "opportunity"),
)
BY_COMMENTS = ("comments_count", "comments")
WHOLE = FOLLOW_UP_WRITTEN
"""The kind whose example has all 50 keys."""
_ROOM = 140
"""Characters of a line."""
_BEGINS = "| verb |"


def main() -> None:
    """Do what every kind tells of, each in a world of its own, and write what is told into the page."""
    configure_logs("warning", "text")
    page = read(PAGE)
    with tempfile.TemporaryDirectory() as folder:
        for kind, site in _sites(Path(folder)):
            with opened(site) as world:
                page = renewed(page, kind, entry_of(world, kind).shown)
    PAGE.write_text(page, encoding="utf-8")


def renewed(page: str, kind: Kind, shown: Json) -> str:
    """The page with the table and the example of one kind as they are now; its own words stay."""
    heading = f"\n## {kind.code} `{kind.event}`\n"
    before, rest = page.split(heading)
    own, next_heading, after = rest.partition("\n## ")
    words = own.partition(_BEGINS)[0].rstrip()
    return f"{before}{heading}{words}\n\n{_table(kind, shown)}\n{_example(kind, shown)}{next_heading}{after}"


def filled(shown: Mapping[str, Json]) -> list[str]:
    """The keys that are not in their empty form."""
    empty = empty_forms()
    return [key for key, value in shown.items() if key not in empty or value != empty[key]]


def own_keys(shown: Mapping[str, Json]) -> list[str]:
    """The keys that an entry fills for its kind, and not because every entry does, or its record is what it is."""
    return [key for key in filled(shown) if key not in (*BY_EVERY_KIND, *BY_THE_RECORD, *BY_COMMENTS)]


def documented_keys(page: str, kind: Kind) -> set[str]:
    """What the page says that a kind fills for itself."""
    fills = next(row[1] for row in rows(section(page, f"{kind.code} `{kind.event}`"), "verb") if row[0] == "fills")
    return set(re.findall(r"`(\w+)`", fills))


def unsigned(shown: Json) -> Json:
    """The same with signatures of links, which nobody knows beforehand, cut away."""
    return json.loads(re.sub(r"(signature=)[\w-]+", r"\1…", json.dumps(shown)))


def _table(kind: Kind, shown: Json) -> str:
    told = {
        "in words": f"{kind.says_zh} · {kind.says_en}",
        "`activity_type`": f"`{shown['activity_type']}` {shown['activity_type_display']}",
        "`saleable_type`": f"`{shown['saleable_type']}` {shown['saleable_type_display']}",
        "fills": ", ".join(f"`{key}`" for key in own_keys(shown)) or "nothing of its own",
    }
    body = "\n".join(f"| {name} | {text} |" for name, text in told.items())
    return f"{_BEGINS} `{kind.verb}` |\n|---|---|\n{body}\n"


def _example(kind: Kind, shown: Json) -> str:
    entry = unsigned(shown)
    keys = entry if kind is WHOLE else filled(entry)
    cut = {key: _without_most_of_users(entry[key]) for key in keys}
    return f"```json\n{_laid_out(cut | {'user': entry['user']} if kind is WHOLE else cut)}\n```\n"


def _without_most_of_users(value: Json) -> Json:
    """With the user objects in it cut to their ids and names."""
    if isinstance(value, list):
        return [_without_most_of_users(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == WireUser.model_fields.keys():
        return {"id": value["id"], "name": value["name"], "…": "…"}
    return {key: _without_most_of_users(item) for key, item in value.items()}


def _laid_out(value: Json, indent: str = "") -> str:
    """JSON with what fits into a line on one line."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent and len(indent) + len(short) < _ROOM):
        return short
    deeper = indent + "  "
    if isinstance(value, list):
        return "[\n" + ",\n".join(deeper + _laid_out(item, deeper) for item in value) + f"\n{indent}]"
    items = (f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_laid_out(item, deeper)}" for key, item in value.items())
    return "{\n" + ",\n".join(items) + f"\n{indent}}}"


def _sites(folder: Path) -> Iterator[tuple[Kind, Site]]:
    """A fresh test world for every kind."""
    empty, template = folder / "empty.db", folder / "world.db"
    migrate(new_sqlite(empty))
    site = settle(new_sqlite(template, empty))
    for kind in KINDS.values():
        yield kind, site.at(new_sqlite(folder / f"{kind.code}.db", template))


if __name__ == "__main__":
    main()
