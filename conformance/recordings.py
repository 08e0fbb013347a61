"""Compares answers with answers that were recorded from AWS."""

import json
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "recordings" / "services"

# `<name:1>` stands for one value that is the same wherever the test's answers have it.
PLACEHOLDER = re.compile(r"<[a-z-]+(?::\d+)?>")
# Stands for the account that recorded.
ACCOUNT = "111111111111"
# Stand for any time.
TIMES = ("timestamp", "datetime", "<datetime>")
# What the clients add to an answer and what says nothing about it.
NOT_RECORDED = {"RequestId", "HostId", "RetryAttempts", "HTTPHeaders"}


class Recording:
    """The answers of one recorded test, by the names that the test gave them."""

    def __init__(self, module, test, folder=FOLDER):
        """`module` as in `sqs/test_sqs`; `test` is the test's name with its parameters: `test_tag_untag_queue[sqs]`."""
        recorded = json.loads((folder / f"{module}.snapshot.json").read_text())
        found = [content for name, content in recorded.items() if name.rsplit("::", 1)[-1] == test]
        assert len(found) == 1, f"{len(found)} recordings of {test} in {module}"
        self.answers = found[0]["recorded-content"]
        self.values = {}

    def check(self, name, answer):
        """The answer has the recorded members and values, and no others."""
        differences = list(self.differences(self.answers[name], answer, name))
        assert not differences, "\n".join(differences)

    def check_error(self, name, error):
        """The same for a `botocore.exceptions.ClientError`."""
        self.check(name, error.response)

    def differences(self, recorded, actual, path):
        """What differs, one line each."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            yield from self.dict_differences(recorded, actual, path)
        elif isinstance(recorded, list) and isinstance(actual, list):
            if len(recorded) != len(actual):
                yield f"{path}: {len(recorded)} elements recorded, {len(actual)} answered: {actual!r}"
            for index, pair in enumerate(zip(recorded, actual)):
                yield from self.differences(*pair, f"{path}[{index}]")
        elif isinstance(recorded, str):
            if not self.matches(recorded, str(actual)):
                yield f"{path}: recorded {recorded!r}, answered {actual!r}"
        elif recorded != actual:
            yield f"{path}: recorded {recorded!r}, answered {actual!r}"

    def dict_differences(self, recorded, actual, path):
        for name in recorded.keys() - actual.keys() - NOT_RECORDED:
            yield f"{path}.{name}: recorded {recorded[name]!r}, not answered"
        for name in actual.keys() - recorded.keys() - NOT_RECORDED:
            yield f"{path}.{name}: not recorded, answered {actual[name]!r}"
        for name in sorted(recorded.keys() & actual.keys() - NOT_RECORDED):
            yield from self.differences(recorded[name], actual[name], f"{path}.{name}")

    def matches(self, recorded, actual):
        """Whether the text is the recorded one, placeholders aside. A placeholder keeps the value it met first."""
        if recorded in TIMES:
            return True
        placeholders = re.findall(f"{PLACEHOLDER.pattern}|{ACCOUNT}", recorded)
        if not placeholders:
            return recorded == actual
        literals = re.split(f"{PLACEHOLDER.pattern}|{ACCOUNT}", recorded)
        pattern = "(.+?)".join(re.escape(literal) for literal in literals)
        match = re.fullmatch(pattern, actual, re.DOTALL)
        if match is None:
            return False
        return all(
            self.values.setdefault(placeholder, value) == value
            for placeholder, value in zip(placeholders, match.groups())
        )
