"""What a run measured, as rows and against the targets of docs/performance.md, the column "target"."""

from collections.abc import Iterator, Sequence

from bench.contest import Contestant
from bench.load import CONNECTIONS, middle
from bench.report import MB, Report, Row, Target
from bench.run import Outcome
from bench.writing import Written


def report_of(outcome: Outcome) -> Report:
    """The report of one run."""
    options = outcome.options
    how = {
        "data": f"{options.size.activities:,} activities, {options.size.entries:,} of them on the hot lead",
        "load": f"{outcome.generator.name}, {CONNECTIONS} connections, loopback",
        "turns": f"{options.rounds} rounds of {options.seconds:g} s each, in turns; medians",
        "cores": str(outcome.cores),
    }
    rows = [_row(outcome, each) for each in outcome.contestants]
    return Report(outcome.machine, how, rows, _targets(outcome), _notes(outcome))


def _row(outcome: Outcome, contestant: Contestant) -> Row:
    results, key = outcome.results, contestant.key
    return Row(
        title=contestant.title,
        rate=results.of(key),
        p50_ms=results.of(key, lambda measured: measured.p50_ms),
        p99_ms=results.of(key, lambda measured: measured.p99_ms),
        size=results.of(key, lambda measured: measured.size),
        cost_us=results.of(key, lambda measured: measured.cost_us),
        to_bare=results.ratio(key, "bare"),
    )


def across(outcomes: Sequence[Outcome]) -> list[Target]:
    """What growing costs: each size against the first, both by their ratio to bare in their own run."""
    found = []
    (first, *larger), asked = outcomes, {"": "SQLite", "postgres ": "PostgreSQL"}
    for each in larger:
        sizes = f"{each.options.size.activities:,} to {first.options.size.activities:,} activities"
        for prefix, engine in asked.items():
            now, then = (some.results.ratio(f"{prefix}records", "bare") for some in (each, first))
            if now and then:
                found.append(Target(f"{engine}, records in turn, {sizes}", now / then, None if prefix else 0.8))
    return found


def _targets(outcome: Outcome) -> list[Target]:
    return [*_reading(outcome), *_writing(outcome), *_weight(outcome)]


def _reading(outcome: Outcome) -> list[Target]:
    ratio = outcome.results.ratio
    return [
        Target("SQLite, hot record, page 1, to bare", ratio("first", "bare"), 0.4),
        Target("SQLite, pages of the hot record in turn, to bare", ratio("newest", "bare"), None),
        Target("SQLite, records in turn, to bare", ratio("records", "bare"), 0.28),
        Target("304 for who has the hot record's page 1, to bare", ratio("unchanged", "bare"), 0.5),
        Target("pages around 1,000, to first pages of records in turn", ratio("thousandth", "records"), 0.9),
        Target("the oldest pages, to first pages of records in turn", ratio("deepest", "records"), 0.9),
        Target("PostgreSQL, hot record, page 1, to bare", ratio("postgres first", "bare"), 0.15),
        Target("PostgreSQL, records in turn, to bare", ratio("postgres records", "bare"), None),
        Target("hot record, page 1, to the usual way", ratio("first", "usual first"), 10, "times"),
        Target("pages around 1,000, to the usual way", ratio("thousandth", "usual thousandth"), None, "times"),
        Target("records in turn, to the usual way", ratio("records", "usual records"), 10, "times"),
        *_to_activity_stream(outcome),
        Target("2 workers to 1, hot record, page 1", ratio("two first", "first"), None),
        Target("2 workers to 1, records in turn", ratio("two records", "records"), None),
        Target("PostgreSQL, 2 workers to 1, records in turn", ratio("two postgres records", "postgres records"), None),
    ]


def _to_activity_stream(outcome: Outcome) -> Iterator[Target]:
    wanted = {
        ("PostgreSQL", "records"): 25,
        ("PostgreSQL", "first"): 500,
        ("SQLite", "records"): 80,
        ("SQLite", "first"): 2_000,
    }
    asked = {"first": "hot record, page 1", "thousandth": "pages around 1,000", "deepest": "the oldest pages"}
    asked["records"] = "records in turn"
    for engine, prefix in (("PostgreSQL", "postgres "), ("SQLite", "")):
        for key, title in asked.items():
            ratio = outcome.results.ratio(f"{prefix}{key}", f"stream {key}")
            if ratio is not None:
                title = f"{engine}, {title}, to django-activity-stream"
                yield Target(title, ratio, wanted.get((engine, key)), "times")


def _writing(outcome: Outcome) -> list[Target]:
    found = [
        Target(f"bulk load into {engine}", filled.rate, 40_000 if engine == "SQLite" else None, "activities/s")
        for engine, filled in outcome.filled.items()
    ]
    for key, written in outcome.written.items():
        clients = 1 if key.endswith("singly") else CONNECTIONS
        engine = "PostgreSQL" if key.startswith("postgres ") else "SQLite"
        wanted = 1.0 if key == "follow-ups" else None
        found.append(Target(f"{engine}, follow-ups acknowledged, clients: {clients}", written.rate, None, "1/s"))
        found.append(Target("the same, to the disk's fdatasync/s", written.ratio, wanted))
    return found


def _weight(outcome: Outcome) -> list[Target]:
    found = [
        Target(f"on disk in {engine}, indexes included", filled.bytes_an_activity, 450, "bytes/activity", at_most=True)
        for engine, filled in outcome.filled.items()
    ]
    at_rest = "SQLite, at rest", "PostgreSQL, at rest"
    for when, memory in outcome.memory.items():
        wanted = 120 if when in at_rest else None
        found.append(Target(f"memory, RSS, {when}", memory.rss / MB, wanted, "MB", at_most=True))
    return found


def _notes(outcome: Outcome) -> list[str]:
    notes = ["CPU us: what the server's process uses of its core for one request."]
    notes += outcome.notes
    if outcome.generator.name != "wrk":
        notes.append("Measured with the load generator in Python, which is itself the bottleneck: install wrk.")
    if outcome.machine["file system"] in ("tmpfs", "ramfs"):
        notes.append("The data were in memory, not on a disk: see --folder.")
    if outcome.busy > 0.5:
        notes.append(
            f"The machine was busy before this run (load {outcome.busy:.1f}): the figures are too low and jumpy."
        )
    notes.append(f"A record's first page has {outcome.activities_a_page:.1f} activities on average.")
    for key, written in outcome.written.items():
        p50, p99 = (_middle(written, what) for what in ("p50_ms", "p99_ms"))
        notes.append(f"Writing, {key}: p50 {p50:.1f} ms, p99 {p99:.1f} ms.")
    for when, memory in outcome.memory.items():
        notes.append(f"Memory, {when}: RSS {memory.rss / MB:.0f} MB, PSS {memory.pss / MB:.0f} MB.")
    fewer = {each.connections for each in outcome.contestants if each.key.startswith("stream ")}
    notes += [f"django-activity-stream had {some} connections, one for each of its threads." for some in fewer]
    if any(contestant.key.startswith("two ") for contestant in outcome.contestants):
        cores = outcome.machine["cores"]
        notes.append(f"2 workers are not pinned: they, the load generator and the database share {cores} cores.")
    return notes


def _middle(written: Written, what: str) -> float:
    return middle([getattr(measured, what) for measured in written.rounds])
