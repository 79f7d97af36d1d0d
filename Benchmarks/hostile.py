"""Sends bad input to a running server that has mnist-mlp and shows what it answers.

    python3 Benchmarks/hostile.py [http://127.0.0.1:8080]

Every case must be answered by one of the statuses it expects, with {"error": ...} where it is about a model; the server must be alive
after each. A 5xx other than those expected (501 for an unknown transfer coding, 505 for another HTTP version), a connection closed
without an answer, or an answer to a request smuggled behind another fails the run.
"""
import argparse
import json
import socket
import struct
import sys
import urllib.parse
import zlib

PIXELS = 784
PREDICT = "/v1/models/mnist-mlp:predict"
# What a server may do with a request whose end is unclear: refuse it.
REFUSED = (400,)


class Client:
    """One request on one connection, written byte by byte as given."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.address = (parts.hostname, parts.port or 80)
        self.host = parts.netloc

    def send(self, data, timeout=15):
        """Answers everything that the server sends until it closes, or is silent for half a second."""
        received = b""
        with socket.create_connection(self.address, timeout=timeout) as connection:
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before the end: the answer is still there
            try:
                while chunk := connection.recv(65536):
                    received += chunk
                    connection.settimeout(0.5)
            except (TimeoutError, ConnectionResetError):
                pass
        return received

    def request(self, method, path, body=b"", headers=()):
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        names = {name.lower() for name, _ in headers}
        head += [f"{name}: {value}" for name, value in headers]
        if "content-length" not in names and "transfer-encoding" not in names and method != "GET":
            head.append(f"Content-Length: {len(body)}")
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def statuses(received):
    """The status of each response in what was received."""
    found = []
    while received.startswith(b"HTTP/1.1 "):
        head, _, rest = received.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        found.append((status, rest[:length]))
        received = rest[length:]
    return found


def zeros(count):
    return "[" + ",".join(["0"] * count) + "]"


def npy(descr, shape, data=b"", header=None):
    text = header or f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    text = text.encode() + b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def chunk(kind, data, checksum=None):
    sum_ = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", sum_)


def png(width=28, height=28, depth=8, colour=0, data=None, *, checksum=None, end=True, interlace=0):
    if data is None:
        data = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data, checksum)
            + (chunk(b"IEND", b"") if end else b""))


def model_cases():
    """(name, method, path, body, headers, expected statuses)"""
    def post(name, body, expected=(400,), path=PREDICT, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else body.encode()
        return (name, "POST", path, body, [("Content-Type", kind), *headers], expected)

    row, good = zeros(PIXELS), '{"instances": [%s]}' % zeros(PIXELS)
    yield post("a good request, for comparison", good, (200,))

    yield post("unknown model", good, (404,), "/v1/models/no-such-model:predict")
    yield post("unknown version", good, (404,), "/v1/models/mnist-mlp/versions/99:predict")
    yield post("version that is no number", good, (400, 404), "/v1/models/mnist-mlp/versions/one:predict")
    yield post("version beyond 64 bits", good, (400, 404),
               "/v1/models/mnist-mlp/versions/99999999999999999999:predict")
    yield post("unknown label", good, (404,), "/v1/models/mnist-mlp/labels/nightly:predict")
    yield post("unknown verb", good, (404,), "/v1/models/mnist-mlp:explain")
    yield post("path out of the models folder", good, (400, 404), "/v1/models/..%2f..%2fetc%2fpasswd:predict")
    yield post("percent sign without digits", good, (400, 404), "/v1/models/%zz:predict")
    yield ("GET where POST is meant", "GET", PREDICT, b"", [], (405,))

    yield post("empty body", "")
    yield post("no JSON at all", "hello")
    yield post("text that ends too early", good[:-10])
    yield post("text behind the end", good + "]")
    yield post("a comma too many", '{"instances": [[1,]]}')
    yield post("invalid UTF-8", b'{"instances": [["\xff\xfe"]]}')
    yield post("a lone surrogate", r'{"\ud800": 1, "instances": [[1]]}')
    yield post("a control character in a string", '{"a\nb": 1}')
    yield post("key twice", '{"instances": [%s], "instances": [%s]}' % (row, row))
    yield post("instances and inputs", '{"instances": [%s], "inputs": [%s]}' % (row, row))
    yield post("neither instances nor inputs", '{"rows": []}')
    yield post("an array instead of an object", "[1, 2]")
    yield post("nested 100,000 deep", '{"instances": ' + "[" * 100_000 + "]" * 100_000 + "}")
    yield post("unknown key nested 100,000 deep", '{"x": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}")
    yield post("signature that is not there", '{"signature_name": "other", "instances": [%s]}' % row)

    yield post("783 numbers", '{"instances": [%s]}' % zeros(PIXELS - 1))
    yield post("785 numbers", '{"instances": [%s]}' % zeros(PIXELS + 1))
    yield post("a row that is a number", '{"instances": [1]}')
    yield post("one dimension too many", '{"instances": [[%s]]}' % row)
    yield post("a string among the numbers", '{"instances": [["a"%s]}' % row[2:])
    yield post("null among the numbers", '{"instances": [[null%s]}' % row[2:])
    yield post("true among the numbers", '{"instances": [[true%s]}' % row[2:])
    yield post("rows of unequal length", '{"instances": [%s, %s]}' % (row, zeros(3)))
    yield post("a row that changes its depth", '{"instances": [[0, [0], 0]]}')
    yield post("empty batch", '{"instances": []}')
    yield post("empty row", '{"instances": [[]]}')
    yield post("input of another name", '{"inputs": {"no-such-input": [%s]}}' % row)
    for token in ("NaN", "Infinity", "-Infinity"):
        yield post(f"{token} (accepted as TF Serving does)", '{"instances": [[%s%s]}' % (token, row[2:]), (200,))
    yield post("nan in small letters", '{"instances": [[nan%s]}' % row[2:])
    yield post("1e999", '{"instances": [[1e999%s]}' % row[2:], (200, 400))
    yield post("a number of 100,000 digits", '{"instances": [[%s%s]}' % ("1" * 100_000, row[2:]), (200, 400))
    yield post("a number with a leading zero", '{"instances": [[01%s]}' % row[2:])
    yield post("more rows than allowed", '{"instances": [%s]}' % ",".join(["[0]"] * 100_000), (400, 413))

    yield post("bad content type", good, (415,), kind="application/xml")
    yield post("compressed body", good, (415,), headers=[("Content-Encoding", "gzip")])
    yield post("classify without examples", good, (400,), "/v1/models/mnist-mlp:classify")
    yield post("regress with a classifier", '{"examples": [{}]}', (400,), "/v1/models/mnist-mlp:regress")
    yield post("b64 that is none", '{"instances": [{"b64": "***"}]}')
    yield post("b64 of something else than a picture", '{"instances": [{"b64": "aGVsbG8="}]}')

    good_png = png()
    kind = {"kind": "image/png"}
    yield post("png: the signature alone", good_png[:8], **kind)
    yield post("png: cut in the header", good_png[:20], **kind)
    yield post("png: cut in the data", good_png[:45], **kind)
    yield post("png: without its end", png(end=False), **kind)
    yield post("png: wrong checksum", png(checksum=0), **kind)
    yield post("png: 2^31-1 x 2^31-1 pixels", png(2**31 - 1, 2**31 - 1, data=zlib.compress(b"")), **kind)
    yield post("png: 0 pixels", png(0, 0, data=zlib.compress(b"")), **kind)
    yield post("png: too little data", png(data=zlib.compress(b"\0" * 10)), **kind)
    yield post("png: too much data (bomb)", png(data=zlib.compress(b"\0" * 50_000_000)), **kind)
    yield post("png: 60 MB of pixels from 60 kB", png(30_000, 30_000, data=zlib.compress(b"\0" * 60_000_000)), **kind)
    yield post("png: damaged deflate stream", png(data=b"\x78\x9c" + b"\xff" * 50), **kind)
    yield post("png: unknown filter", png(data=zlib.compress((b"\x09" + b"\xff" * 28) * 28)), **kind)
    yield post("png: colour type 7", png(colour=7), **kind)
    yield post("png: palette without palette", png(colour=3), **kind)
    yield post("png: chunk of 4 GB", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0xFFFFFFFF) + b"IHDR", **kind)

    kind = {"kind": "application/x-npy"}
    data = bytes(4 * PIXELS)
    yield post("npy: a good one, for comparison", npy("<f4", f"(1, {PIXELS})", data), (200,), **kind)
    yield post("npy: the magic alone", b"\x93NUMPY", **kind)
    yield post("npy: header longer than the file", b"\x93NUMPY\x01\x00\xff\xff{}", **kind)
    yield post("npy: version 9", b"\x93NUMPY\x09\x00\x10\x00" + b" " * 16, **kind)
    yield post("npy: truncated data", npy("<f4", f"(1, {PIXELS})", data[:-1]), **kind)
    yield post("npy: surplus data", npy("<f4", f"(1, {PIXELS})", data + b"\0"), **kind)
    yield post("npy: wrong shape", npy("<f4", "(1, 3)", bytes(12)), **kind)
    yield post("npy: sizes that overflow", npy("<f4", "(9223372036854775807, 9223372036854775807)"), **kind)
    yield post("npy: negative size", npy("<f4", "(-1, 784)", data), **kind)
    yield post("npy: Python objects", npy("|O", "(1,)", b"cos\nsystem\n"), **kind)
    yield post("npy: wrong type", npy("<i8", f"(1, {PIXELS})", bytes(8 * PIXELS)), **kind)
    yield post("npy: header that is code", npy("", "", header="__import__('os').system('id')"), **kind)


def framing_cases(host):
    """(name, bytes, expected statuses): requests whose framing is wrong or ambiguous. The second request that each
    carries must never be answered."""
    hidden = f"GET /v1/models HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    start = f"POST {PREDICT} HTTP/1.1\r\nHost: {host}\r\n"

    def post(headers, body=b""):
        return (start + headers + "\r\n").encode("latin-1") + body + hidden

    yield "two Content-Lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"), REFUSED
    yield "Content-Length and chunked", post(
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), REFUSED
    yield "Content-Length: +2", post("Content-Length: +2\r\n", b"{}"), REFUSED
    yield "Content-Length: 0x2", post("Content-Length: 0x2\r\n", b"{}"), REFUSED
    yield "Content-Length: -1", post("Content-Length: -1\r\n"), REFUSED
    yield "Content-Length: 2^64+2", post("Content-Length: 18446744073709551618\r\n", b"{}"), (400, 413)
    yield "chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), REFUSED
    yield "chunked not last", post("Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"), (400, 501)
    yield "unknown transfer coding", post("Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), (400, 501)
    yield "xchunked", post("Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), (400, 501)
    yield "space before the colon", post("Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), REFUSED
    yield "folded header", post("Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), REFUSED
    yield "NUL in a header", post("X: a\x00b\r\n"), REFUSED
    yield "CR in a header", post("X: a\rb\r\n"), REFUSED
    yield "LF alone as line end", hidden.replace(b"\r\n", b"\n"), REFUSED
    yield "chunk size that overflows", post(
        "Transfer-Encoding: chunked\r\n", b"ffffffffffffffff0\r\n"), (400, 413)
    yield "chunk size with a sign", post("Transfer-Encoding: chunked\r\n", b"+1\r\na\r\n0\r\n\r\n"), REFUSED
    yield "chunk data without its CRLF", post("Transfer-Encoding: chunked\r\n", b"1\r\nab0\r\n\r\n"), REFUSED
    yield "chunk line ended by LF", post("Transfer-Encoding: chunked\r\n", b"1\na\r\n0\r\n\r\n"), REFUSED
    yield "no Host", f"GET / HTTP/1.1\r\n\r\n".encode() + hidden, REFUSED
    yield "two Hosts", f"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode() + hidden, REFUSED
    yield "HTTP/2.0", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n" + hidden, (400, 505)
    yield "HTTP/0.9", b"GET /\r\n\r\n" + hidden, REFUSED
    yield "space in the target", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, REFUSED
    yield "TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), REFUSED
    yield "target of 100 kB", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n" + hidden, (414,)
    yield "header of 100 kB", post("X: " + "a" * 100_000 + "\r\n"), (431,)
    yield "10,000 headers", post("X: a\r\n" * 10_000), (431,)
    yield "body announced beyond the limit", post("Content-Length: 68719476736\r\n"), (413,)
    yield "chunk announced beyond the limit", post(
        "Transfer-Encoding: chunked\r\n", b"1000000000\r\n"), (413,)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8080")
    client = Client(parser.parse_args().url)
    failures = 0

    def is_alive():
        answers = statuses(client.send(client.request("GET", "/healthz", headers=[("Connection", "close")])))
        return [status for status, _ in answers] == [200]

    def report(name, received, expected, wants_error):
        nonlocal failures
        answers = statuses(received)
        status, body = answers[0] if answers else ("dropped", b"")
        try:
            shown = json.loads(body)["error"]
            has_error = True
        except (ValueError, KeyError, TypeError):
            shown, has_error = body.decode("utf-8", "replace"), False
        wrong = []
        if status not in expected:
            wrong.append(f"expected {' or '.join(map(str, expected))}")
        if wants_error and status != 200 and not has_error:
            wrong.append("no {\"error\": ...}")
        if len(answers) > 1:
            wrong.append("the smuggled request was answered")
        if not is_alive():
            wrong.append("THE SERVER IS DEAD")
        failures += bool(wrong)
        verdict = "FAIL " + "; ".join(wrong) if wrong else "ok"
        print(f"{status}  {verdict:4}  {name}: {shown[:150].strip()}", flush=True)

    if not is_alive():
        sys.exit(f"no server answers /healthz at {client.host}")
    for name, method, path, body, headers, expected in model_cases():
        data = client.request(method, path, body, [*headers, ("Connection", "close")])
        report(name, client.send(data), expected, wants_error=True)
    for name, data, expected in framing_cases(client.host):
        report(f"framing: {name}", client.send(data), expected, wants_error=False)
    print(f"\n{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
