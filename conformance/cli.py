"""The AWS CLI, run as a user runs it: a process with an environment of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from subject import ACCESS_KEY, REGION, SECRET_KEY


class CliError(Exception):
    """The CLI ended with an error; the text is what it wrote to standard error."""

    def __init__(self, code, text):
        super().__init__(f"exit code {code}: {text}")
        self.code = code
        self.text = text


@dataclass
class Cli:
    """The `aws` of the Python environment that runs the tests. Version 1 of it does not heed AWS_ENDPOINT_URL for
    Amazon SQS, so that the option names the endpoint."""

    url: str | None
    home: Path
    variables: dict = field(default_factory=dict)

    def by_proxy(self, proxy):
        """The same CLI without an endpoint, with the variables of a proxy."""
        return replace(self, url=None, variables=proxy.variables())

    def __call__(self, *arguments):
        """Runs `aws ARGUMENTS`; the decoded JSON it printed, nothing when it printed nothing."""
        printed = self.output(*arguments)
        return json.loads(printed) if printed.strip() else None

    def lines(self, *arguments):
        """Runs `aws ARGUMENTS`; the lines it printed."""
        return self.output(*arguments).decode().splitlines()

    def output(self, *arguments, typed=b""):
        """Runs `aws ARGUMENTS` with something typed in; the bytes it printed."""
        endpoint = [] if self.url is None else ["--endpoint-url", self.url]
        result = subprocess.run(
            [Path(sys.executable).with_name("aws"), *endpoint, *map(str, arguments)],
            env=self.environment(),
            input=typed,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if result.returncode != 0:
            raise CliError(result.returncode, result.stderr.decode().strip())
        return result.stdout

    def environment(self):
        """What the CLI sees: no configuration of the machine's user."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_DEFAULT_OUTPUT": "json",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            **self.variables,
        }
