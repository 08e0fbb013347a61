"""Fixtures of the lower floors: keys that the cloud issued, and processes of the test's own."""

import pytest


@pytest.fixture(autouse=True)
def only_virga(subject_is_virga):
    """These floors are virga's own."""
    if not subject_is_virga:
        pytest.skip("the endpoint is no virga")


@pytest.fixture
def issued(endpoint):
    """Issues an access key of an account's root user: `issued()`, `issued("111122223333")`."""

    def issue(account=None):
        key = endpoint.admin("POST", "keys", {"account": account} if account else {})
        return key["access_key_id"], key["secret_access_key"]

    return issue
