"""Terraform with AWS's provider, from a mirror in the file system: nothing is downloaded."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from subject import ACCESS_KEY, REGION, SECRET_KEY

PROVIDER = "registry.terraform.io/hashicorp/aws"
MIRRORS = ("TF_PLUGIN_MIRROR_DIR", "TF_PLUGIN_CACHE_DIR")
USUAL_PLACES = ("/opt/tf-plugins", "~/.terraform.d/plugins", "/usr/share/terraform/plugins")


def mirror():
    """The first folder that holds AWS's provider in a filesystem mirror's layout; nothing when there is none."""
    places = [os.environ[name] for name in MIRRORS if os.environ.get(name)] + list(USUAL_PLACES)
    for place in places:
        folder = Path(place).expanduser()
        if (folder / PROVIDER).is_dir():
            return folder
    return None


def missing():
    """Why Terraform cannot run here; nothing when it can."""
    if shutil.which("terraform") is None:
        return "terraform is not on PATH"
    if mirror() is None:
        return f"no mirror with {PROVIDER} in {', '.join(MIRRORS + USUAL_PLACES)}"
    return None


class Terraform:
    """A configuration in a folder of its own, with a provider that points at the endpoint."""

    def __init__(self, folder, url, services, configuration, variables=None):
        self.folder = Path(folder)
        self.variables = variables or {}
        endpoints = "\n".join(f"    {service} = {json.dumps(url)}" for service in services)
        (self.folder / "provider.tf").write_text(
            f"""terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
}}

provider "aws" {{
  region                      = "{REGION}"
  access_key                  = "{ACCESS_KEY}"
  secret_key                  = "{SECRET_KEY}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = {"true" if services else "false"}
  endpoints {{
{endpoints}
  }}
}}
"""
        )
        (self.folder / "main.tf").write_text(configuration)
        self.cli_configuration = self.folder / "terraform.rc"
        self.cli_configuration.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror()}"\n  }}\n}}\n'
        )
        self.run("init", "-input=false")

    def apply(self):
        """Makes the cloud what the configuration says."""
        return self.run("apply", "-auto-approve", "-input=false")

    def destroy(self):
        """Removes everything that the configuration made."""
        return self.run("destroy", "-auto-approve", "-input=false")

    def assert_plan_is_empty(self):
        """The cloud is what the configuration says: the plan has nothing to do (exit code 2 says that it has)."""
        return self.run("plan", "-detailed-exitcode", "-input=false")

    def outputs(self):
        """The values of the configuration's outputs."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}

    def run(self, *arguments):
        """Runs `terraform ARGUMENTS`; what it printed."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TF_CLI_CONFIG_FILE": str(self.cli_configuration),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.variables,
        }
        result = subprocess.run(
            ["terraform", *arguments, *([] if arguments[0] == "output" else ["-no-color"])],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert result.returncode == 0, f"terraform {arguments[0]}: {result.stdout}\n{result.stderr}"
        return result.stdout
