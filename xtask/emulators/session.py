"""Runs a session with boundstone's mock through boto3 and checks what the client sees.

usage: session.py ENDPOINT FIXTURES.toml

The parameter validation of the client is off, so that the server rejects invalid requests.
"""

import sys
import tomllib

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def check(what, is_true, seen):
    """Prints `what` if it is true. Otherwise fails and prints what was seen."""
    if not is_true:
        sys.exit(f"failed: {what}\n  seen: {seen!r}")
    print(f"ok: {what}")


def error_of(call, **parameters):
    """The parsed error of a call that must fail."""
    try:
        seen = call(**parameters)
    except ClientError as error:
        return error.response
    sys.exit(f"failed: {call.__name__} should have failed\n  sent: {parameters!r}\n  seen: {seen!r}")


def parts(resource, key):
    """The start parameters that name `resource` by its `id` or its `name`, None if one lacks it."""
    found = {
        "ApplicationIdentifier": resource["application"].get(key),
        "EnvironmentIdentifier": resource["environment"].get(key),
        "ConfigurationProfileIdentifier": resource["profile"].get(key),
    }
    return None if None in found.values() else found


def client_of(endpoint, credentials):
    """A client that signs with these credentials, named as in the environment."""
    return boto3.client(
        "appconfigdata",
        endpoint_url=endpoint,
        region_name=credentials["AWS_REGION"],
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=credentials["AWS_SESSION_TOKEN"],
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={}),
    )


def main():
    endpoint, fixtures = sys.argv[1:]
    with open(fixtures, encoding="utf-8") as file:
        text = file.read()
    resources = tomllib.loads(text)["resource"]
    prefix = "# export "
    exports = [line.removeprefix(prefix) for line in text.splitlines() if line.startswith(prefix)]
    credentials = dict(export.split("=", 1) for export in exports)
    client = client_of(endpoint, credentials)

    for name, value, code in [
        ("AWS_SECRET_ACCESS_KEY", "wrong", "InvalidSignatureException"),
        ("AWS_ACCESS_KEY_ID", "AKIDUNKNOWN", "UnrecognizedClientException"),
        ("AWS_SESSION_TOKEN", "wrong", "UnrecognizedClientException"),
        ("AWS_REGION", "eu-west-1", "InvalidSignatureException"),
    ]:
        wrong = client_of(endpoint, {**credentials, name: value})
        rejected = error_of(wrong.get_latest_configuration, ConfigurationToken="a")
        check(f"another {name}: {code}", rejected["Error"]["Code"] == code, rejected)

    sessions = 0
    for resource in resources:
        for key in ("id", "name"):
            if names := parts(resource, key):
                started = client.start_configuration_session(**names)
                token = started.get("InitialConfigurationToken")
                check(f"session of {names} by {key}", isinstance(token, str) and token, started)
                sessions += 1
    check("at least one session was started", sessions > 0, resources)

    resource = resources[0]
    names = parts(resource, "id") or parts(resource, "name")
    check("all parts of the first resource have an id, or all have a name", names, resource)

    started = client.start_configuration_session(**names)
    status = started["ResponseMetadata"]["HTTPStatusCode"]
    check("a session starts with status 201", status == 201, started)
    initial = started["InitialConfigurationToken"]

    first = client.get_latest_configuration(ConfigurationToken=initial)
    content = first["Configuration"].read()
    check("the first poll returns a configuration", content != b"", first)
    if "configuration" in resource:
        check("it is the one of the fixtures", content == resource["configuration"].encode(), content)
    check("with a next token", first.get("NextPollConfigurationToken") not in ("", None, initial), first)
    interval = first.get("NextPollIntervalInSeconds")
    check("and an interval in seconds", isinstance(interval, int) and interval >= 0, first)
    check("and a content type", bool(first.get("ContentType")), first)

    second = client.get_latest_configuration(ConfigurationToken=first["NextPollConfigurationToken"])
    check("the second poll returns no bytes", second["Configuration"].read() == b"", second)
    check(
        "and another token",
        second["NextPollConfigurationToken"] not in (initial, first["NextPollConfigurationToken"]),
        second,
    )

    reused = error_of(client.get_latest_configuration, ConfigurationToken=initial)
    check("a used token: BadRequestException", reused["Error"]["Code"] == "BadRequestException", reused)
    check("with status 400", reused["ResponseMetadata"]["HTTPStatusCode"] == 400, reused)
    problems = (reused.get("Details") or {}).get("InvalidParameters") or {}
    check(
        "whose Details name a problem",
        problems and all("Problem" in problem for problem in problems.values()),
        reused,
    )
    check("whose Reason is InvalidParameters", reused.get("Reason") == "InvalidParameters", reused)

    unknown = error_of(
        client.start_configuration_session, **{**names, "ApplicationIdentifier": "no-such-application"}
    )
    code = unknown["Error"]["Code"]
    check("an unknown application: ResourceNotFoundException", code == "ResourceNotFoundException", unknown)
    check("with status 404", unknown["ResponseMetadata"]["HTTPStatusCode"] == 404, unknown)
    check("whose ResourceType is Application", unknown.get("ResourceType") == "Application", unknown)

    too_long = error_of(
        client.start_configuration_session, **{**names, "ApplicationIdentifier": "a" * 129}
    )
    code = too_long["Error"]["Code"]
    check("an identifier of 129 characters: BadRequestException", code == "BadRequestException", too_long)
    check("with status 400", too_long["ResponseMetadata"]["HTTPStatusCode"] == 400, too_long)


main()
