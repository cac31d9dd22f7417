"""`pocketrag serve` as a process, asked as a browser asks it."""

import contextlib
import http.client
import json
import re
import signal
import subprocess
import sys


class Server:
    def __init__(self, process, port):
        self.process, self.port = process, port

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def request(self, method, path, body=b"", **headers):
        """Return the status and the text of an answer, its headers too; `host` and others as given, - for _."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {
            "host": f"127.0.0.1:{self.port}",
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for key, value in {**given, "content-length": str(len(body))}.items():
            connection.putheader(key, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        with contextlib.closing(connection):
            return answer.status, answer.read().decode(), dict(answer.getheaders())

    def post(self, path, value, **headers):
        """Return the status and the JSON of an answer."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        code, text, _ = self.request("POST", path, body, **{"content_type": "application/json", **headers})
        return code, json.loads(text) if text.startswith(("{", "[")) else text

    def end(self):
        """End it as Ctrl-C does; return its exit code and what it printed."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextlib.contextmanager
def serving(*arguments, cwd=None):
    command = [sys.executable, "-m", "pocketrag.cli", "serve", *map(str, arguments), "--port", "0", "--json"]
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = process.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
            assert found, said + process.stderr.read()
            yield Server(process, int(found[1]))
        finally:
            process.kill()
