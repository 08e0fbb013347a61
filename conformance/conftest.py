"""Fixtures for black-box tests: an endpoint, clients as users have them, a world per test, names of one's own."""

import shutil

import pytest

import terraform as terraform_runner
from cli import Cli
from gateway import process
from program import Program
from subject import from_environment, unique


@pytest.fixture(scope="session")
def shared_endpoint():
    """The endpoint as it is, shared by all tests."""
    endpoint = from_environment()
    if endpoint is None:
        pytest.fail("set VIRGA_ENDPOINT to the endpoint under test, for example http://localhost:4566")
    return endpoint


@pytest.fixture(scope="session")
def subject_is_virga(shared_endpoint):
    """Whether the endpoint has virga's admin API."""
    return shared_endpoint.is_virga()


@pytest.fixture
def endpoint(shared_endpoint, subject_is_virga):
    """An empty world of the test's own where the endpoint is a virga; elsewhere the endpoint itself."""
    if not subject_is_virga:
        yield shared_endpoint
        return
    world = shared_endpoint.new_world()
    yield world
    world.end_world()


@pytest.fixture
def client(endpoint):
    """Makes boto3 clients: `client("sqs")`."""
    return endpoint.client


@pytest.fixture
def sqs(client):
    """A boto3 client of Amazon SQS."""
    return client("sqs")


@pytest.fixture
def clock(endpoint, subject_is_virga):
    """Lets time pass at once: `clock(seconds)`."""
    if not subject_is_virga:
        pytest.skip("the endpoint has no clock to advance")
    return endpoint.advance_clock


@pytest.fixture
def aws(shared_endpoint, tmp_path):
    """Runs the AWS CLI: `aws("sqs", "list-queues")`. It cannot send the header that chooses a world, so it uses the
    shared one: take unique names."""
    return Cli(shared_endpoint.url, tmp_path)


@pytest.fixture
def terraform(shared_endpoint, tmp_path):
    """Makes Terraform configurations: `terraform(["sqs"], text)`. They use the shared world, as the CLI does."""
    reason = terraform_runner.missing()
    if reason is not None:
        pytest.skip(f"NO TERRAFORM: {reason}")

    def configure(services, configuration, variables=None):
        return terraform_runner.Terraform(tmp_path, shared_endpoint.url, services, configuration, variables)

    return configure


@pytest.fixture
def unique_name():
    """Makes names that no other test uses: `unique_name("queue")`."""
    return unique


@pytest.fixture
def program(shared_endpoint, tmp_path):
    """Runs programs that are clients: `program("rclone", environment)("lsf", "remote:")`. They use the shared world, as
    the CLI does."""

    def find(name, environment):
        if shutil.which(name) is None:
            pytest.skip(f"NO {name.upper()}: it is not on PATH")
        return Program(name, environment, tmp_path)

    return find


def pytest_terminal_summary(terminalreporter):
    """Says loudly which clients were not tested."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for name in ["TERRAFORM", "RCLONE", "RESTIC", "CHROMIUM", "NODE"]:
        reasons = [reason for reason in skipped if f"NO {name}" in reason]
        if reasons:
            terminalreporter.section(f"{name} WAS NOT TESTED", sep="!", red=True, bold=True)
            terminalreporter.write_line(f"{len(reasons)} tests skipped: {reasons[0]}")


@pytest.fixture
def start_virga(tmp_path):
    """Starts processes: `start_virga("--ephemeral", "--auth", "strict")`."""
    if process.binary() is None:
        pytest.skip("set VIRGA_BINARY to start processes of the test's own")
    started = []

    def start(*arguments):
        virga = process.Virga(tmp_path, *arguments)
        started.append(virga)
        return virga

    yield start
    for virga in started:
        virga.kill()
