"""A FastCGI client, to ask a program by itself: FastCGI 1.0, roles and records as nginx
uses them.  So a test can come from any address."""

import socket
import struct
from http.cookies import SimpleCookie
from urllib.parse import urlencode

BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7


def record(kind, content=b""):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def stream(kind, content):
    pieces = [content[at:at + 65535] for at in range(0, len(content), 65535)]
    return b"".join(record(kind, piece) for piece in [*pieces, b""])


def length(n):
    return bytes([n]) if n < 128 else struct.pack("!I", n | 1 << 31)


def params(pairs):
    return b"".join(length(len(n)) + length(len(v)) + n + v for n, v in pairs)


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        self.status = int(dict(self.headers)["Status"].split()[0])
        self.text = self.body.decode("utf-8")

    def __getitem__(self, name):
        return dict(self.headers).get(name)

    def cookies(self):
        out = {}
        for name, value in self.headers:
            if name == "Set-Cookie":
                out.update({k: m.value for k, m in SimpleCookie(value).items()})
        return out


def environment(stack, method, path, data=None, query="", address="192.0.2.1", cookies=None,
                **more):
    """The parameters and the body of a request, as nginx would give them."""
    body = data if isinstance(data, bytes) else urlencode(data or {}).encode()
    env = {"REQUEST_METHOD": method, "DOCUMENT_URI": path, "QUERY_STRING": query,
           "REMOTE_ADDR": address, "HTTP_HOST": f"127.0.0.1:{stack.port}",
           "CONTENT_TYPE": "", "CONTENT_LENGTH": ""}
    if method == "POST":
        env.update(CONTENT_TYPE="application/x-www-form-urlencoded",
                   CONTENT_LENGTH=str(len(body)))
    if cookies:
        env["HTTP_COOKIE"] = "; ".join(f"{k}={v}" for k, v in cookies.items())
    env.update(more)
    return env, body


def exchange(path, sent, timeout=30):
    """Send bytes to a socket; gives what came back as STDOUT, and the exit status (None:
    the connection ended without one)."""
    out, status, got = b"", None, b""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(timeout)
        s.connect(path)
        s.sendall(sent)
        while chunk := s.recv(65536):
            got += chunk
    while len(got) >= 8:
        _, kind, _, n, padding = struct.unpack("!BBHHBx", got[:8])
        if kind == STDOUT:
            out += got[8:8 + n]
        elif kind == END:
            (status,) = struct.unpack("!I", got[8:12])
        got = got[8 + n + padding:]
    return out, status


def request_bytes(env, body):
    pairs = [(k.encode(), v.encode()) for k, v in env.items()] \
        if isinstance(env, dict) else env
    return (record(BEGIN, struct.pack("!HB5x", 1, 0)) + stream(PARAMS, params(pairs))
            + stream(STDIN, body))


def ask(stack, program, method, path, data=None, **more):
    """One request to one program."""
    env, body = environment(stack, method, path, data, **more)
    out, status = exchange(stack.program_socket(program), request_bytes(env, body))
    assert status == 0
    return Answer(out)
