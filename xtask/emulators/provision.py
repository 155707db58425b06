"""Creates AppConfig resources on an emulator and prints them as JSON.

usage: provision.py ENDPOINT

Each resource is an application, an environment and a profile with one deployed hosted
configuration. Their names take the shortest and the longest form that the control plane allows,
since a client may name a resource by its id or by its name.
"""

import json
import sys

import boto3
from botocore.config import Config

# One, two, three and four bytes in UTF-8: a limit that counts anything but characters shows.
MIXED = "aé水🌊"

RESOURCES = [
    {
        "application": "demo",
        "environment": "production",
        "profile": "features",
        "configuration": '{"colour":"green","limit":10}',
        "content_type": "application/json",
        "version_label": "v1.0",
    },
    {
        "application": "a",
        "environment": "e",
        "profile": "p",
        "configuration": "one short line",
        "content_type": "text/plain",
    },
    {
        "application": "A" * 64,
        "environment": "E" * 64,
        "profile": "P" * 128,
        "configuration": "limit: 10\n",
        "content_type": "application/x-yaml",
    },
    {
        "application": MIXED * 16,
        "environment": MIXED[::-1] * 16,
        "profile": MIXED * 32,
        "configuration": "größe: 水\n",
        "content_type": "text/plain; charset=utf-8",
    },
]


def provision(client, wanted):
    """Creates one resource and deploys its configuration; returns its entry of the fixtures."""
    application = client.create_application(Name=wanted["application"])
    environment = client.create_environment(
        ApplicationId=application["Id"], Name=wanted["environment"]
    )
    profile = client.create_configuration_profile(
        ApplicationId=application["Id"], Name=wanted["profile"], LocationUri="hosted"
    )
    label = {"VersionLabel": wanted["version_label"]} if "version_label" in wanted else {}
    version = client.create_hosted_configuration_version(
        ApplicationId=application["Id"],
        ConfigurationProfileId=profile["Id"],
        Content=wanted["configuration"].encode(),
        ContentType=wanted["content_type"],
        **label,
    )
    # This strategy is predefined and serves the configuration at once, while it still bakes.
    client.start_deployment(
        ApplicationId=application["Id"],
        EnvironmentId=environment["Id"],
        ConfigurationProfileId=profile["Id"],
        ConfigurationVersion=str(version["VersionNumber"]),
        DeploymentStrategyId="AppConfig.AllAtOnce",
    )
    return {
        "application": {"id": application["Id"], "name": wanted["application"]},
        "environment": {"id": environment["Id"], "name": wanted["environment"]},
        "profile": {"id": profile["Id"], "name": wanted["profile"]},
        "configuration": wanted["configuration"],
    }


def main():
    [endpoint] = sys.argv[1:]
    client = boto3.client(
        "appconfig",
        endpoint_url=endpoint,
        # Emulators keep data by region and access key: these are the ones of the run.
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(proxies={}),
    )
    json.dump({"resource": [provision(client, wanted) for wanted in RESOURCES]}, sys.stdout)


main()
