"""A program that is a client, run as a user runs it: a process with an environment of its own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Program:
    """A program on PATH."""

    name: str
    variables: dict
    home: Path

    def __call__(self, *arguments, check=True):
        """Runs it; what it printed. Anything but success fails the test, unless `check` is off."""
        result = self.run(*arguments)
        if check:
            assert result.returncode == 0, f"{self.name} {arguments}: {result.stderr}{result.stdout}"
        return result.stdout

    def run(self, *arguments):
        """Runs it; the finished process."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **self.variables}
        return subprocess.run(
            [self.name, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=180, check=False
        )
