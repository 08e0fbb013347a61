"""virga as the proxy of clients that know no endpoint."""

import urllib.request
from dataclasses import dataclass
from pathlib import Path

from subject import WORLD_HEADER, Endpoint


@dataclass
class Proxy:
    """A proxy as clients are told of it."""

    url: str
    bundle: Path

    def client(self, service, **config):
        """A boto3 client without an endpoint."""
        elsewhere = Endpoint(self.url)
        proxies = {"http": self.url, "https": self.url}
        return elsewhere.client(service, endpoint_url=None, proxies=proxies, verify=str(self.bundle), **config)

    def variables(self):
        """What `virga env --proxy` sets."""
        return {
            "HTTPS_PROXY": self.url,
            "HTTP_PROXY": self.url,
            "NO_PROXY": "localhost,127.0.0.1,::1",
            "AWS_CA_BUNDLE": str(self.bundle),
        }


def proxy_of(endpoint, folder):
    """The endpoint as a proxy; its world is the user."""
    with urllib.request.urlopen(f"{endpoint.url}/_virga/ca.pem", timeout=60) as answer:
        bundle = folder / "ca.pem"
        bundle.write_bytes(answer.read())
    world = endpoint.headers.get(WORLD_HEADER)
    user = f"{world}:world@" if world else ""
    return Proxy(endpoint.url.replace("http://", f"http://{user}", 1), bundle)
