#!/usr/bin/env python3
"""An independent peer for the format of udp-multicast.

Written from the text of docs/wire.md alone; shares no code with the program under test.

    multicast.py send    FILE GROUP PORT [--chunk N] [--ttl N] [--interface IF] [--source A] [switches]
    multicast.py receive OUTFILE --host GROUP [--port P] [--interface IF] [--source A] [--quiet S] [--timeout S]

`send` prints one JSON line: {"bytes", "sha256", "datagrams"}.
`receive` joins the group, takes one transfer, prints `PORT <n>` and then one JSON line:
{"bytes", "sha256", "complete", "chunks", "arrived", "reordered", "duplicated", "begin", "end", "ttl", "from"}.

Switches of `send`, by the number of the chunk from 1 on, so that a run can be repeated exactly:
    --drop N      every N-th chunk is not sent          --twice N     every N-th chunk leaves twice
    --cut N       before every N-th chunk, its first half leaves
    --backwards   the chunks leave in reverse order     --strange     datagrams of nothing leave in between
    --no-begin, --no-end    without that marker         --pause S     before each chunk

Exit code: 0 when everything was sent, or has arrived; else 1; 2 for a wrong command line.
Python 3 standard library only.
"""

import argparse
import hashlib
import json
import os
import socket
import struct
import sys
import time

HEADER = struct.Struct(">4sIQQI")
STRANGE = (b"", b"MC1D", b"MC1D" + bytes(24), b"bin", bytes(2000), b"AQ1D" + bytes(40))
# Of <linux/in.h> and <linux/in6.h>, which the socket module does not have all of.
MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP = 42, 46
IP_RECVTTL, IPV6_RECVHOPLIMIT = 12, 51


def say(record):
    print(json.dumps(record), flush=True)


def nth(every, number):
    return bool(every) and number % every == 0


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def level_of(sock):
    return socket.IPPROTO_IPV6 if sock.family == socket.AF_INET6 else socket.IPPROTO_IP


def sockaddr(host):
    if ":" in host:
        return struct.pack("=HHI16sI100x", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, host), 0)
    return struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton(host))


def index_of(interface):
    return socket.if_nametoindex(interface) if interface else 0


def header(kind, id, number, data, chunk):
    return HEADER.pack(kind, id, number, len(data), chunk)


def datagrams(data, args):
    """All that is to leave, in order."""
    id = int.from_bytes(os.urandom(4), "big")
    count = -(-len(data) // args.chunk)
    if not args.no_begin:
        yield header(b"MC1B", id, 0, data, args.chunk)
    for number in reversed(range(count)) if args.backwards else range(count):
        nth_one = number + 1
        if args.strange and nth_one % 5 == 0:
            yield STRANGE[nth_one // 5 % len(STRANGE)]
        datagram = header(b"MC1D", id, number, data, args.chunk)
        datagram += data[number * args.chunk : (number + 1) * args.chunk]
        if nth(args.cut, nth_one):
            yield datagram[: len(datagram) // 2]
        if nth(args.drop, nth_one):
            continue
        yield datagram
        if nth(args.twice, nth_one):
            yield datagram
    if not args.no_end:
        yield header(b"MC1E", id, count, data, args.chunk)


def send(args):
    with open(args.file, "rb") as file:
        data = file.read()
    sent = 0
    with socket.socket(family_of(args.host), socket.SOCK_DGRAM) as sock:
        index = index_of(args.interface)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, args.ttl)
            if index:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, args.ttl)
            if index:
                own = socket.inet_aton(args.source or "0.0.0.0")
                mreqn = struct.pack("=4s4si", bytes(4), own, index)
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mreqn)
        if args.source:
            sock.bind((args.source, 0))
        for datagram in datagrams(data, args):
            time.sleep(args.pause)
            sock.sendto(datagram, (args.host, args.port))
            sent += 1
    say({"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "datagrams": sent})
    return 0


class Receiving:
    """A receiver of one transfer of a group."""

    def __init__(self):
        self.opening = None
        self.parts = {}
        self.highest = -1
        self.begin = self.end = False
        self.reordered = self.duplicated = 0
        self.ttl = self.source = None

    @property
    def chunks(self):
        _, size, chunk = self.opening
        return -(-size // chunk)

    @property
    def complete(self):
        return self.opening is not None and len(self.parts) == self.chunks

    def take(self, datagram):
        """Return whether the datagram belongs to the transfer."""
        if len(datagram) < HEADER.size:
            return False
        kind, id, number, size, chunk = HEADER.unpack_from(datagram)
        if kind not in (b"MC1B", b"MC1D", b"MC1E") or chunk == 0:
            return False
        if (self.opening or (id, size, chunk)) != (id, size, chunk):
            return False
        part = datagram[HEADER.size :]
        count = -(-size // chunk)
        if kind == b"MC1D":
            if number >= count or len(part) != min(chunk, size - number * chunk):
                return False
        elif part or number != (count if kind == b"MC1E" else 0):
            return False
        self.opening = (id, size, chunk)
        self.begin |= kind == b"MC1B"
        self.end |= kind == b"MC1E"
        if kind != b"MC1D":
            return True
        if number in self.parts:
            self.duplicated += 1
            return True
        self.parts[number] = part
        self.reordered += number < self.highest
        self.highest = max(self.highest, number)
        return True


def ttl_of(ancillary):
    for level, type, data in ancillary:
        if (level, type) in ((socket.IPPROTO_IP, socket.IP_TTL), (socket.IPPROTO_IPV6, 52)):
            return struct.unpack("i", data[:4])[0]
    return None


def receive(args):
    receiving = Receiving()
    with socket.socket(family_of(args.host), socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((args.host, args.port))
        request = struct.pack("=I4x", index_of(args.interface)) + sockaddr(args.host)
        if args.source:
            sock.setsockopt(level_of(sock), MCAST_JOIN_SOURCE_GROUP, request + sockaddr(args.source))
        else:
            sock.setsockopt(level_of(sock), MCAST_JOIN_GROUP, request)
        asks = IPV6_RECVHOPLIMIT if sock.family == socket.AF_INET6 else IP_RECVTTL
        sock.setsockopt(level_of(sock), asks, 1)
        print(f"PORT {sock.getsockname()[1]}", flush=True)
        until = time.monotonic() + args.timeout
        while time.monotonic() < until and not (receiving.complete and receiving.end):
            sock.settimeout(max(0.001, until - time.monotonic()))
            try:
                datagram, ancillary, _, source = sock.recvmsg(65535, 256)
            except TimeoutError:
                break
            if receiving.take(datagram):
                receiving.ttl = ttl_of(ancillary)
                receiving.source = source[0]
                until = min(until, time.monotonic() + args.quiet)
    data = b"".join(part for _, part in sorted(receiving.parts.items()))
    with open(args.outfile, "wb") as file:
        file.write(data)
    say(
        {
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "complete": receiving.complete,
            "chunks": receiving.chunks if receiving.opening else 0,
            "arrived": len(receiving.parts),
            "reordered": receiving.reordered,
            "duplicated": receiving.duplicated,
            "begin": receiving.begin,
            "end": receiving.end,
            "ttl": receiving.ttl,
            "from": receiving.source,
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
    sender.add_argument("--ttl", type=int, default=2)
    sender.add_argument("--pause", type=float, default=0.0)
    for switch in ("--drop", "--twice", "--cut"):
        sender.add_argument(switch, type=int, default=0)
    for switch in ("--backwards", "--strange", "--no-begin", "--no-end"):
        sender.add_argument(switch, action="store_true")
    sender.set_defaults(run=send)
    receiver = commands.add_parser("receive")
    receiver.add_argument("outfile")
    receiver.add_argument("--host", required=True)
    receiver.add_argument("--port", type=int, default=0)
    receiver.add_argument("--quiet", type=float, default=1.0)
    receiver.add_argument("--timeout", type=float, default=30.0)
    receiver.set_defaults(run=receive)
    for each in (sender, receiver):
        each.add_argument("--interface")
        each.add_argument("--source")
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
