"""A virga of the test's own: a process that is started, stopped and killed."""

import os
import re
import subprocess
from pathlib import Path

from subject import Endpoint

READY = re.compile(r"virga is ready on (http://[0-9.]+:[0-9]+) ")
# Longer than any stop or start takes on a busy machine.
PATIENCE = 60


def binary():
    """The binary that VIRGA_BINARY names; nothing when it is not set."""
    path = os.environ.get("VIRGA_BINARY")
    return Path(path) if path else None


class Virga:
    """A running virga on a free port."""

    def __init__(self, folder, *arguments):
        self.log = folder / "virga.log"
        port = () if "--port" in arguments else ("--port", "0")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [binary(), "start", *port, *map(str, arguments)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.process.stdout.readline()
        ready = READY.search(line)
        if ready is None:
            self.process.wait(PATIENCE)
            raise StartError(self.process.returncode, self.log.read_text())
        self.endpoint = Endpoint(ready[1])

    def terminate(self):
        """Asks for the end with SIGTERM, and does not wait for it."""
        self.process.terminate()

    def exit_code(self):
        """The exit code, once the process has ended."""
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code

    def kill(self):
        """Ends it as a crash does."""
        self.process.kill()
        return self.exit_code()


class StartError(Exception):
    """It did not start; the text is what it logged."""

    def __init__(self, code, text):
        super().__init__(f"exit code {code}: {text}")
        self.code = code
        self.text = text
