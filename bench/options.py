"""What one run is asked for, and every row that there is."""

from dataclasses import dataclass
from pathlib import Path

from bench.world import Size

READY = {"bare": "bare ASGI app, ready bytes", "starlette": "Starlette route, ready bytes"}
"""The factories of ready.py, and what their rows are called."""
ASKED = {
    "": ("first", "disturbed", "unchanged", "newest", "thousandth", "deepest", "records", "refusal"),
    "usual ": ("first", "thousandth", "records"),
    "postgres ": ("first", "unchanged", "thousandth", "deepest", "records"),
    "stream ": ("first", "thousandth", "deepest", "records"),
    "two ": ("first", "records"),
    "two postgres ": ("first", "records"),
}
"""What each server is asked, by the names in asking.py; a row's key is both joined."""
WRITTEN = tuple(f"{prefix}follow-ups{how}" for prefix in ("", "postgres ") for how in ("", " singly"))
"""The rows of writing: by many clients at once, and by one that waits for each answer."""
KEYS = (*READY, *(f"{prefix}{asked}" for prefix, some in ASKED.items() for asked in some), *WRITTEN)
"""Every row there is."""
SHORT = frozenset(
    (
        *READY,
        *(f"{prefix}{asked}" for prefix in ("", "usual ") for asked in ASKED[prefix]),
        *(f"postgres {asked}" for asked in ("first", "deepest", "records")),
        "follow-ups",
    )
)
"""Those of `make bench`."""


@dataclass(frozen=True)
class Options:
    """One run. `rows` are keys of KEYS; bare is always among them."""

    size: Size
    rounds: int = 3
    seconds: float = 2.0
    generator: str = "auto"
    postgres: bool = True
    folder: Path | None = None
    rows: frozenset[str] = SHORT

    def wants(self, key: str) -> bool:
        """Whether this is to be measured."""
        return key in self.rows or key == "bare"

    def asked(self, prefix: str) -> list[str]:
        """What this server is to be asked."""
        return [asked for asked in ASKED[prefix] if self.wants(f"{prefix}{asked}")]

    def on_postgres(self) -> bool:
        """Whether anything is to be measured on PostgreSQL."""
        return any(key.startswith(("postgres ", "two postgres ", "stream ")) for key in self.rows)
