"""The endpoint under test: any that speaks AWS's protocols. What only virga has (worlds, the clock) is used when
the endpoint turns out to be a virga."""

import json
import os
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field, replace

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCESS_KEY = os.environ.get("AWS_ACCESS_KEY_ID", "test")
SECRET_KEY = os.environ.get("AWS_SECRET_ACCESS_KEY", "test")
WORLD_HEADER = "x-virga-world"


@dataclass
class Endpoint:
    """Where requests go, and the headers that choose a world there."""

    url: str
    headers: dict = field(default_factory=dict)

    def client(self, service, **config):
        """A boto3 client. It does not retry: a test sees the first answer."""
        region = config.pop("region_name", REGION)
        access_key = config.pop("aws_access_key_id", ACCESS_KEY)
        secret_key = config.pop("aws_secret_access_key", SECRET_KEY)
        session_token = config.pop("aws_session_token", None)
        endpoint_url = config.pop("endpoint_url", self.url)
        # Over TLS, a certificate of the endpoint's own is as good as any.
        verify = config.pop("verify", False if (endpoint_url or "").startswith("https:") else None)
        config.setdefault("retries", {"max_attempts": 0})
        client = boto3.client(
            service,
            endpoint_url=endpoint_url,
            verify=verify,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=session_token,
            config=Config(**config),
        )
        client.meta.events.register("before-sign.*.*", self._add_headers)
        return client

    def secure(self):
        """The same endpoint over TLS."""
        return replace(self, url=self.url.replace("http:", "https:", 1))

    def _add_headers(self, request, **_):
        for name, value in self.headers.items():
            request.headers[name] = value

    def admin(self, method, path, body=None):
        """Calls the admin API of a virga; the decoded JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(f"{self.url}/_virga/{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def is_virga(self):
        """Whether the admin API answers."""
        try:
            self.admin("GET", "health")
        except (urllib.error.URLError, ValueError):
            return False
        return True

    def advance_clock(self, seconds):
        """Lets that much time pass at once, and everything that is due in it happen."""
        self.admin("POST", "clock/advance", {"seconds": seconds})

    def new_world(self):
        """An empty cloud of one's own; the endpoint of it."""
        world = self.admin("POST", "worlds", {"from": "empty"})
        return Endpoint(self.url, {WORLD_HEADER: world["id"]})

    def new_world_from_here(self):
        """A world that begins as this one is now; the endpoint of it."""
        world = self.admin("POST", "worlds", {})
        return Endpoint(self.url, {WORLD_HEADER: world["id"]})

    def end_world(self):
        """Drops the world that this endpoint chooses."""
        self.admin("DELETE", f"worlds/{self.headers[WORLD_HEADER]}")


def from_environment():
    """The endpoint that VIRGA_ENDPOINT names; nothing when it is not set."""
    url = os.environ.get("VIRGA_ENDPOINT")
    return Endpoint(url.rstrip("/")) if url else None


def unique(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"
