// A server that hands requests on to another one, and answers refusals with text that means something in
// pages, terminals, tables and logs.
//
// node hostile.mjs UPSTREAM: prints its own URL.

import http from "node:http";

const HOSTILE =
  "<script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 2\">'\"></pre></code></article>" +
  "<a href=\"javascript:window.hacked=3\">x</a>{{7*7}} ${7*7} \u001b[31mred\u202e]]></failure>\n::error::x\n" +
  "| a | b |\n@octocat #1 ``` <!-- --> </style></script>";

const upstream = new URL(process.argv[2]);

const server = http.createServer((request, response) => {
  const { method, headers } = request;
  const onward = http.request({ host: upstream.hostname, port: upstream.port, path: request.url, method, headers });
  onward.on("error", () => response.destroy());
  onward.on("response", (answer) => {
    if (answer.statusCode < 400) {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
      return;
    }
    answer.resume();
    const body = JSON.stringify({ __type: HOSTILE, Message: HOSTILE, [HOSTILE]: HOSTILE });
    response.writeHead(422, { "content-type": "application/json", "x-amzn-errortype": answer.headers["x-amzn-errortype"] ?? "<b>x</b>" });
    response.end(body);
  });
  request.pipe(onward);
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
