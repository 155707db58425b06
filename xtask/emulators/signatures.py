"""Signs requests with botocore and compares its signatures with boundstone's.

usage: signatures.py REQUESTS.json

Each entry of the file has the request (method, url, headers, body in hexadecimal), the credentials and the scope,
the time, and the headers that boundstone adds.
"""

import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def authorization(entry):
    """The Authorization header by botocore, over the headers that boundstone has signed."""
    ours = entry["signed"]
    credentials = Credentials(entry["access_key_id"], entry["secret_access_key"], entry["session_token"])
    signer = SigV4Auth(credentials, entry["service"], entry["region"])
    headers = dict(entry["headers"])
    # botocore signs this header if it exists, and does not add it for this service.
    headers["X-Amz-Content-SHA256"] = ours["x-amz-content-sha256"]
    body = bytes.fromhex(entry["body"])
    request = AWSRequest(method=entry["method"], url=entry["url"], headers=headers, data=body)
    request.context["timestamp"] = entry["timestamp"]
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    # botocore hashes the body itself, whatever the header says.
    assert signer.payload(request) == ours["x-amz-content-sha256"], "the hash of the body"
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signed_headers = signer.signed_headers(signer.headers_to_sign(request))
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, "
        f"SignedHeaders={signed_headers}, Signature={signature}"
    )


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        theirs = authorization(entry)
        ours = entry["signed"]["authorization"]
        if theirs != ours:
            sys.exit(f"failed: {entry['method']} {entry['url']}\n  botocore: {theirs}\n  boundstone: {ours}")
        print(f"ok: {entry['method']} {entry['url']} is signed as botocore signs it")
    if not entries:
        sys.exit("failed: nothing to compare")


main()
