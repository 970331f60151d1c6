"""What a run measured, as rows and against the targets of docs/performance.md."""

from bench.contest import Contestant
from bench.load import CONNECTIONS, middle
from bench.machine import Memory
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


def _targets(outcome: Outcome) -> list[Target]:
    ratio, written = outcome.results.ratio, outcome.written
    at_rest = None if outcome.at_rest is None else outcome.at_rest.rss / MB
    after = None if outcome.after is None else outcome.after.rss / MB
    return [
        Target("SQLite, hot record, page 1, to bare", ratio("first", "bare"), 0.25),
        Target("SQLite, pages of the hot record in turn, to bare", ratio("newest", "bare"), None),
        Target("SQLite, records in turn, to bare", ratio("records", "bare"), None),
        Target("304 for who has the hot record's page 1, to bare", ratio("unchanged", "bare"), None),
        Target("pages around 1,000, to first pages of records in turn", ratio("thousandth", "records"), 0.7),
        Target("the oldest pages, to first pages of records in turn", ratio("deepest", "records"), 0.7),
        Target("PostgreSQL, hot record, page 1, to bare", ratio("postgres first", "bare"), 0.08),
        Target("PostgreSQL, records in turn, to bare", ratio("postgres records", "bare"), None),
        Target("hot record, page 1, to the usual way", ratio("first", "usual first"), 5, "times"),
        Target("pages around 1,000, to the usual way", ratio("thousandth", "usual thousandth"), None, "times"),
        Target("records in turn, to the usual way", ratio("records", "usual records"), 5, "times"),
        Target("bulk load into SQLite", outcome.loaded["SQLite"], 10_000, "activities/s"),
        Target("bulk load into PostgreSQL", outcome.loaded.get("PostgreSQL"), None, "activities/s"),
        Target("on disk in SQLite, indexes included", outcome.bytes_an_activity, 600, "bytes/activity", at_most=True),
        Target("memory of the worker at rest, RSS", at_rest, 150, "MB", at_most=True),
        Target("memory of the worker after all load, RSS", after, None, "MB", at_most=True),
        Target("follow-ups acknowledged over HTTP", written.rate if written else None, None, "1/s"),
        Target("the same, to the disk's fdatasync/s", written.ratio if written else None, None),
    ]


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
    if outcome.written is not None:
        p50, p99 = (_middle(outcome.written, what) for what in ("p50_ms", "p99_ms"))
        notes.append(f"Writing: p50 {p50:.1f} ms, p99 {p99:.1f} ms.")
    for when, memory in (("at rest", outcome.at_rest), ("after all load", outcome.after)):
        if memory is not None:
            notes.append(f"Memory {when}: {_memory(memory)}.")
    return notes


def _middle(written: Written, what: str) -> float:
    return middle([getattr(measured, what) for measured in written.rounds])


def _memory(memory: Memory) -> str:
    return f"RSS {memory.rss / MB:.0f} MB, PSS {memory.pss / MB:.0f} MB"
