#!/usr/bin/env python3
"""An independent peer for the reliable format of udp-stop-and-wait and udp-arq.

Written from the text of docs/wire.md alone; shares no code with the program under test.

    arq.py send    FILE HOST PORT [--chunk N] [--window N] [--resend S] [--timeout S] [switches]
    arq.py receive OUTFILE [--host H] [--port P] [--window N] [--timeout S] [--linger S] [switches]

`send` prints one JSON line: {"bytes", "sha256", "acknowledged", "transmissions", "refused"}.
`receive` takes one transfer, prints `PORT <n>` and then one JSON line: {"bytes", "sha256", "complete", "datagrams"}.

Switches, by the number of the datagram from 1 on, so that a run can be repeated exactly:
    --drop N      every N-th data datagram is lost: it is not sent, or not looked at
    --mute N      (receive) every N-th answer is not sent; (send) every N-th answer is not looked at
    --twice N     every N-th datagram leaves twice
    --cut N       before every N-th datagram, its first half leaves
    --backwards   (send) each window leaves in reverse order
    --strange     datagrams that belong to nothing leave between the others
    --no-bitmap   (receive) answers carry no selective acknowledgements
    --refuse N    (receive) refuses the transfer after N datagrams
    --ahead N     (receive) answers acknowledge N chunks and N datagrams more than have arrived

Exit code: 0 when everything arrived (receive) or was acknowledged (send), else 1; 2 for a wrong command line.
Every wait is bounded by --timeout. Python 3 standard library only.
"""

import argparse
import hashlib
import json
import os
import socket
import struct
import sys
import time

DATA = struct.Struct(">4sIIIQI")
ANSWER = struct.Struct(">4sIIII")
REFUSAL = struct.Struct(">4sI")
STRANGE = (b"", b"AQ1D", b"AQ1A" + bytes(30), b"get message!!!", bytes(2000), b"AQ1N\x00")


def say(record):
    print(json.dumps(record), flush=True)


def nth(every, number):
    return bool(every) and number % every == 0


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def emit(sock, args, number, datagram):
    """Send a datagram as the switches say; they never stop it from leaving at all."""
    if args.strange and number % 5 == 0:
        sock.send(STRANGE[number // 5 % len(STRANGE)])
    if nth(args.cut, number):
        sock.send(datagram[: len(datagram) // 2])
    for _ in range(2 if nth(args.twice, number) else 1):
        sock.send(datagram)


class Sending:
    """A sender that keeps up to --window chunks under way and sends again what stays unanswered for --resend."""

    def __init__(self, args, data, sock):
        self.args, self.data, self.sock = args, data, sock
        self.chunks = max(1, -(-len(data) // args.chunk))
        self.id = int.from_bytes(os.urandom(4), "big")
        self.have = set()
        self.next = 0
        self.room = 10
        self.sent_at = {}
        self.transmissions = 0
        self.answers = 0
        self.refused = False

    def datagram(self, index):
        header = DATA.pack(
            b"AQ1D", self.id, index, self.transmissions, len(self.data), self.args.chunk
        )
        return header + self.data[index * self.args.chunk : (index + 1) * self.args.chunk]

    def send_due(self):
        now = time.monotonic()
        end = min(self.chunks, self.next + min(self.room, self.args.window))
        due = [
            index
            for index in range(self.next, end)
            if index not in self.have and now - self.sent_at.get(index, -9e9) >= self.args.resend
        ]
        for index in reversed(due) if self.args.backwards else due:
            datagram = self.datagram(index)
            self.transmissions += 1
            self.sent_at[index] = now
            if not nth(self.args.drop, self.transmissions):
                emit(self.sock, self.args, self.transmissions, datagram)

    def hear(self, datagram):
        if datagram == REFUSAL.pack(b"AQ1N", self.id):
            self.refused = True
        if len(datagram) < ANSWER.size:
            return
        magic, id, next, highest, window = ANSWER.unpack_from(datagram)
        if magic != b"AQ1A" or id != self.id:
            return
        assert highest < self.transmissions, "it heard of what was not sent"
        self.answers += 1
        if nth(self.args.mute, self.answers):
            return
        self.next = max(self.next, next)
        self.room = window
        for place, byte in enumerate(datagram[ANSWER.size :]):
            for bit in range(8):
                if byte >> bit & 1:
                    self.have.add(next + 1 + 8 * place + bit)

    def run(self):
        until = time.monotonic() + self.args.timeout
        self.sock.settimeout(min(0.01, self.args.resend))
        while self.next < self.chunks and not self.refused and time.monotonic() < until:
            self.send_due()
            try:
                self.hear(self.sock.recv(65535))
            except TimeoutError:
                pass
        return self.next == self.chunks


def send(args):
    with open(args.file, "rb") as file:
        data = file.read()
    with socket.socket(family_of(args.host), socket.SOCK_DGRAM) as sock:
        sock.connect((args.host, args.port))
        sending = Sending(args, data, sock)
        acknowledged = sending.run()
    say(
        {
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "acknowledged": acknowledged,
            "transmissions": sending.transmissions,
            "refused": sending.refused,
        }
    )
    return 0 if acknowledged else 1


class Receiving:
    """A receiver of one transfer, which answers each of its datagrams."""

    def __init__(self, args, sock):
        self.args, self.sock = args, sock
        self.opening = None
        self.parts = {}
        self.next = 0
        self.highest = 0
        self.datagrams = 0
        self.answers = 0

    @property
    def complete(self):
        return self.opening is not None and self.next == self.chunks

    def take(self, datagram):
        """Return the answer to a datagram, if it gets one."""
        if len(datagram) < DATA.size:
            return None
        magic, id, index, transmission, size, chunk = DATA.unpack_from(datagram)
        if magic != b"AQ1D" or (self.opening or (id, size, chunk)) != (id, size, chunk):
            return None
        part = datagram[DATA.size :]
        if len(part) != max(0, min(chunk, size - index * chunk)):
            return None
        self.datagrams += 1
        if nth(self.args.drop, self.datagrams):
            return None
        self.opening = (id, size, chunk)
        self.chunks = max(1, -(-size // chunk))
        if self.args.refuse and self.datagrams >= self.args.refuse:
            return REFUSAL.pack(b"AQ1N", id)
        self.parts[index] = part
        self.highest = max(self.highest, transmission)
        while self.next in self.parts:
            self.next += 1
        ahead = self.args.ahead
        answer = ANSWER.pack(b"AQ1A", id, self.next + ahead, self.highest + ahead, self.args.window)
        return answer + self.bitmap(len(datagram) - len(answer))

    def bitmap(self, most):
        if self.args.no_bitmap:
            return b""
        bits = bytearray(min(1024, most))
        for index in self.parts:
            place = index - self.next - 1
            if 0 <= place < 8 * len(bits):
                bits[place // 8] |= 1 << place % 8
        return bytes(bits).rstrip(b"\x00")

    def run(self):
        until = time.monotonic() + self.args.timeout
        while time.monotonic() < until:
            self.sock.settimeout(max(0.001, until - time.monotonic()))
            try:
                datagram, source = self.sock.recvfrom(65535)
            except TimeoutError:
                break
            answer = self.take(datagram)
            if answer is None:
                continue
            if self.complete:
                # Its sender may have missed the last answer.
                until = min(until, time.monotonic() + self.args.linger)
            self.answers += 1
            if nth(self.args.mute, self.answers):
                continue
            self.reply(answer, source)

    def reply(self, answer, source):
        if self.args.strange:
            self.sock.sendto(STRANGE[self.answers % len(STRANGE)], source)
        for _ in range(2 if nth(self.args.twice, self.answers) else 1):
            self.sock.sendto(answer, source)


def receive(args):
    with socket.socket(family_of(args.host), socket.SOCK_DGRAM) as sock:
        sock.bind((args.host, args.port))
        print(f"PORT {sock.getsockname()[1]}", flush=True)
        receiving = Receiving(args, sock)
        receiving.run()
    data = b"".join(receiving.parts[index] for index in range(receiving.next))
    with open(args.outfile, "wb") as file:
        file.write(data)
    say(
        {
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "complete": receiving.complete,
            "datagrams": receiving.datagrams,
        }
    )
    return 0 if receiving.complete else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    sender = commands.add_parser("send")
    sender.add_argument("file")
    sender.add_argument("host")
    sender.add_argument("port", type=int)
    sender.add_argument("--chunk", type=int, default=1024)
    sender.add_argument("--resend", type=float, default=0.05)
    sender.add_argument("--cut", type=int, default=0)
    sender.add_argument("--backwards", action="store_true")
    sender.set_defaults(run=send)
    receiver = commands.add_parser("receive")
    receiver.add_argument("outfile")
    receiver.add_argument("--host", default="127.0.0.1")
    receiver.add_argument("--port", type=int, default=0)
    receiver.add_argument("--linger", type=float, default=0.5)
    receiver.add_argument("--no-bitmap", action="store_true")
    receiver.add_argument("--refuse", type=int, default=0)
    receiver.add_argument("--ahead", type=int, default=0)
    receiver.set_defaults(run=receive)
    for each in (sender, receiver):
        each.add_argument("--timeout", type=float, default=30.0)
        each.add_argument("--window", type=int, default=64)
        each.add_argument("--strange", action="store_true")
        for switch in ("--drop", "--mute", "--twice"):
            each.add_argument(switch, type=int, default=0)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
