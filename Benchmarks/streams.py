"""Streams of char-lm: the first token's delay, 32 streams together against one, and whether aborting one disturbs the others.

Every stream has a socket of its own; a stream's text is the bytes of its events without their ids, which carry the stream's name. The
client shares the cores with the server: it reads what has come on all sockets every few milliseconds, and looks at the events, each of
them, when the time is taken.
"""
import json
import re
import select
import selectors
import socket
import statistics
import time

import serving
import support

PROMPTS = ["ROMEO:", "KING HENRY:", "First Citizen:\nWe", "O, what a", "JULIET:\nMy", "The ", "Why, then", "Good morrow"]
# Between two looks at the sockets of many streams.
PAUSE_SECONDS = 0.005


def request(number, length):
    body = json.dumps({
        "instances": [PROMPTS[number % len(PROMPTS)]], "stream": True,
        "parameters": {"max_length": length, "temperature": 0.8, "seed": number}}).encode()
    head = f"POST /v1/models/char-lm:sequence HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Stream:
    """One streaming request."""

    BUFFER = memoryview(bytearray(1 << 20))
    END = b"\n\n\r\n0\r\n\r\n"

    def __init__(self, port, number, length):
        self.length = length
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.started = time.perf_counter()
        self.socket.sendall(request(number, length))
        self.chunks, self.first, self.done = [], None, False

    def read(self):
        count = self.socket.recv_into(self.BUFFER)
        data = bytes(self.BUFFER[:count])
        if not data:
            raise RuntimeError(f"the server ended a stream: {b''.join(self.chunks)[:300]}")
        if self.first is None and b"event: token" in b"".join(self.chunks[-1:]) + data:
            self.first = time.perf_counter() - self.started
        self.chunks.append(data)
        self.done = (data if count >= len(self.END) else b"".join(self.chunks)).endswith(self.END)

    def body(self):
        """The events, without the head and the frames of the chunks, each of which is followed to its end."""
        whole = b"".join(self.chunks)
        position = whole.index(b"\r\n\r\n") + 4
        pieces = []
        while not pieces or pieces[-1]:
            line = whole.index(b"\r\n", position)
            end = line + 2 + int(whole[position:line], 16)
            pieces.append(whole[line + 2:end])
            if whole[end:end + 2] != b"\r\n":
                raise RuntimeError(f"a chunk has another length than it says: {whole[position:end + 20]}")
            position = end + 2
        if position != len(whole):
            raise RuntimeError(f"bytes behind the last chunk: {whole[position:position + 100]}")
        return b"".join(pieces)

    def text(self):
        """What the model said: the text of every event, each of which must be whole and have its number."""
        events = self.body().split(b"\n\n")
        if events.pop() != b"":
            raise RuntimeError("the last event has no end")
        # The server keeps a stream alive that is quiet for long.
        events = [event for event in events if event != b": ping"]
        if len(events) != self.length + 1:
            raise RuntimeError(f"{len(events)} events, expected {self.length + 1}")
        texts = []
        for number, event in enumerate(events, 1):
            kind = b"token" if number <= self.length else b"done"
            match = re.fullmatch(rb'id: stream-\w+-(\d+)\nevent: (\w+)\ndata: ({"text":("(?:[^"\\]|\\.)*"),.*})', event)
            if not match or int(match[1]) != number or match[2] != kind:
                raise RuntimeError(f"event {number} is {event}")
            texts.append(json.loads(match[4]))
        said = "".join(texts[:-1])
        if said != texts[-1] or len(json.loads(match[3])["tokens"]) != self.length:
            raise RuntimeError(f"the events say {said}, the last one says {texts[-1]}")
        return said

    def close(self):
        self.socket.close()


def run(port, numbers, length):
    """Seconds that the streams took together, and the streams."""
    poll = select.epoll()
    start = time.perf_counter()
    streams = [Stream(port, number, length) for number in numbers]
    # One stream is read as soon as something comes, which is what a single reader does.
    pause = PAUSE_SECONDS if len(streams) > 1 else 0
    waiting = {stream.socket.fileno(): stream for stream in streams}
    for number in waiting:
        poll.register(number, select.EPOLLIN)
    while waiting:
        for number, _ in poll.poll():
            stream = waiting[number]
            stream.read()
            if stream.done:
                poll.unregister(number)
                del waiting[number]
        if pause:
            time.sleep(pause)
    seconds = time.perf_counter() - start
    for stream in streams:
        stream.close()
    poll.close()
    return seconds, streams


def abort(port, count, length):
    """Aborts one of 32 streams again and again; gives how many others said something else than they do alone."""
    alone = {number: run(port, [number], length)[1][0].text() for number in range(31)}
    selector = selectors.DefaultSelector()
    changed = finished = aborted = 0
    streams = {number: Stream(port, number, length) for number in range(31)}
    for number, stream in streams.items():
        selector.register(stream.socket, selectors.EVENT_READ, number)
    victim = Stream(port, 1000, 4000)
    deadline = time.perf_counter() + 600
    while aborted < count and time.perf_counter() < deadline:
        victim.read()
        victim.close()
        aborted += 1
        victim = Stream(port, 1000 + aborted, 4000)
        for key, _ in selector.select(timeout=0):
            number, stream = key.data, streams[key.data]
            stream.read()
            if stream.done:
                finished += 1
                changed += stream.text() != alone[number]
                selector.unregister(key.fileobj)
                stream.close()
                streams[number] = Stream(port, number, length)
                selector.register(streams[number].socket, selectors.EVENT_READ, number)
    victim.close()
    for stream in streams.values():
        stream.close()
    return aborted, finished, changed


def main():
    parser = support.arguments(__doc__, rounds=5)
    parser.add_argument("--length", type=int, default=2000, help="tokens of a stream, default 2000")
    parser.add_argument("--aborts", type=int, default=1000, help="default 1000")
    options = parser.parse_args()
    server = serving.Server(models=("char-lm",)).start()
    try:
        run(server.port, [0], 20)
        delays = []
        for number in range(50):
            delays.append(run(server.port, [number], 3)[1][0].first * 1000)
            time.sleep(0.02)
        print(f"first token: median {statistics.median(delays):.2f} ms, worst of {len(delays)} {max(delays):.2f} ms (bar 5)")
        ratios = []
        for _ in range(options.rounds):
            one, _ = run(server.port, [1], options.length)
            many, streams = run(server.port, range(32), options.length)
            for stream in streams:
                stream.text()
            ratios.append(32 * one / many)
            print(f"one stream {options.length / one:.0f} tokens/s, 32 streams {32 * options.length / many:.0f}: "
                  f"ratio {ratios[-1]:.1f}")
        print(f"ratio: median {statistics.median(ratios):.1f} (bar 8)")
        aborted, finished, changed = abort(server.port, options.aborts, 120)
        print(f"{aborted} streams aborted beside 31 others: {finished} of these finished, {changed} said something else")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
