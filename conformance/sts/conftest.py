"""What the tests of AWS STS share."""

import datetime

import botocore.auth
import botocore.crt.auth
import pytest
from botocore.exceptions import ClientError

from sts.accounts import HOME, OTHER, Account


@pytest.fixture(autouse=True)
def only_virga(subject_is_virga):
    """Accounts are named by keys of twelve digits, and time is made to pass."""
    if not subject_is_virga:
        pytest.skip("the endpoint is no virga")


@pytest.fixture
def clock(endpoint, monkeypatch):
    """Lets time pass at once, also for the clients' signatures."""
    passed = datetime.timedelta()
    real = botocore.auth.get_current_datetime

    def advance(seconds):
        nonlocal passed
        passed += datetime.timedelta(seconds=seconds)
        endpoint.advance_clock(seconds)
        # Where the Common Runtime is installed, it signs in place of botocore.
        for signer in (botocore.auth, botocore.crt.auth):
            monkeypatch.setattr(signer, "get_current_datetime", lambda *given, **named: real(*given, **named) + passed)

    return advance


@pytest.fixture
def home(endpoint):
    return Account(endpoint, HOME)


@pytest.fixture
def other(endpoint):
    return Account(endpoint, OTHER)


@pytest.fixture
def refused():
    """Calls, and gives status, code and message of the error."""

    def call(operation, **input):
        with pytest.raises(ClientError) as raised:
            operation(**input)
        answer = raised.value.response
        error = answer["Error"]
        return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]

    return call


@pytest.fixture
def time_of(endpoint):
    """The time of the world in Unix seconds."""

    def now():
        text = endpoint.admin("GET", "clock")["now"]
        return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())

    return now
