"""Prints the names of the AppConfig applications on an emulator, one a line.

usage: applications.py ENDPOINT
"""

import sys

import boto3
from botocore.config import Config


def main():
    [endpoint] = sys.argv[1:]
    client = boto3.client(
        "appconfig",
        endpoint_url=endpoint,
        # Emulators store data by region and access key. These are the same as in the run.
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(proxies={}),
    )
    for page in client.get_paginator("list_applications").paginate():
        for application in page["Items"]:
            print(application["Name"])


main()
