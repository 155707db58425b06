"""A server that accepts a valid request, and rejects all others with text that is special in reports.

usage: hostile.py PORT
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\"></pre></code></article></style>"
    "<a href=\"javascript:window.hacked=3\">x</a>]]></failure></testsuites>&amp;\0\x1b[31m\x85\u202e\ufffe\U0001f30a"
    "[link](https://example.com/) {0} {{7*7}} | a | @octocat ``` <!-- --> '\"\r\n::error::x\n##[error]y"
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def respond(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            is_valid = set(json.loads(body)) >= {"ApplicationIdentifier", "EnvironmentIdentifier"}
        except (RecursionError, TypeError, ValueError):
            is_valid = False
        if is_valid:
            status, response = 200, {"InitialConfigurationToken": f"a{HOSTILE}"}
        else:
            status, response = 418, {"__type": HOSTILE, "Message": HOSTILE, HOSTILE: [HOSTILE]}
        payload = json.dumps(response).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-amzn-errortype", "<script>alert(1)</script>]]>[link](https://example.com/)")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = respond


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
