#!/usr/bin/env python3
"""Independent peers for the message formats: messages-udp, messages-tcp, echo-udp, echo-tcp.

Written from the text of docs/wire.md alone; shares no code with the program under test.

    messages.py answer FORMAT [--host H] [--port P] [--count N] [--idle S] [switches]
    messages.py ask    FORMAT HOST PORT [--count N] [--timeout S]

`answer` prints `PORT <n>`, answers --count requests, and then prints one JSON line:
    {"format", "requests", "answered", "first", "last"}
where `first` and `last` are the texts of the first and the last request.

`ask` sends --count requests, each after the answer to the one before, and prints one JSON line:
    {"format", "requests", "answered"}

Switches of `answer`, by the number of the request as it arrives, from 1 on:
    --drop N     every N-th request is not answered
    --twice N    every N-th request is answered twice
    --wrong N    every N-th answer has other bytes than it should have
    --late N     every N-th request is answered --after seconds later

It ends early when nothing came for --idle seconds.

Exit code: 0 when every request of `ask` was answered as the format foresees, else 1; 2 for a wrong command line.
Python 3 standard library only.
"""

import argparse
import json
import select
import socket
import sys
import threading
import time

PORTS = {"messages-udp": 6666, "messages-tcp": 6666, "echo-udp": 12345, "echo-tcp": 12345}
# What the originals read at once.
READS = {"messages-udp": 1024, "messages-tcp": 2048, "echo-udp": 2048, "echo-tcp": 8000}
ANSWER = b"get the msg"


def say(record):
    print(json.dumps(record), flush=True)


def nth(every, number):
    return bool(every) and number % every == 0


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def answer_udp(args):
    server = socket.socket(family_of(args.host), socket.SOCK_DGRAM)
    server.bind((args.host, args.port))
    print(f"PORT {server.getsockname()[1]}", flush=True)
    server.settimeout(args.idle)
    texts = []
    answered = 0
    while len(texts) < args.count:
        try:
            data, source = server.recvfrom(65535)
        except socket.timeout:
            break
        texts.append(data)
        number = len(texts)
        if nth(args.drop, number):
            continue
        reply = ANSWER if args.format == "messages-udp" else data
        if nth(args.wrong, number):
            reply = bytes([reply[0] ^ 1]) + reply[1:]
        if nth(args.late, number):
            threading.Timer(args.after, server.sendto, (reply, source)).start()
        else:
            server.sendto(reply, source)
        answered += 1
        if nth(args.twice, number):
            server.sendto(reply, source)
    return texts, answered


def answer_tcp(args):
    listener = socket.socket(family_of(args.host), socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((args.host, args.port))
    listener.listen(3)
    print(f"PORT {listener.getsockname()[1]}", flush=True)
    open_ones = [listener]
    texts = []
    while len(texts) < args.count:
        ready, _, _ = select.select(open_ones, [], [], args.idle)
        if not ready:
            break
        for each in ready:
            if each is listener:
                open_ones.append(listener.accept()[0])
                continue
            data = each.recv(READS[args.format])
            if not data:
                open_ones.remove(each)
                each.close()
                continue
            texts.append(data)
            each.sendall(data)
    return texts, len(texts)


def request(args, number):
    if args.format.startswith("messages"):
        return json.dumps([0, 0, 0, 1]).encode()
    return f"request {number}".encode()


def ask(args):
    kind = socket.SOCK_DGRAM if args.format.endswith("udp") else socket.SOCK_STREAM
    client = socket.socket(family_of(args.host), kind)
    client.settimeout(args.timeout)
    client.connect((args.host, args.port))
    answered = 0
    for number in range(1, args.count + 1):
        text = request(args, number)
        wanted = ANSWER if args.format == "messages-udp" else text
        client.sendall(text)
        got = b""
        try:
            while len(got) < len(wanted):
                part = client.recv(65535)
                if not part:
                    break
                got += part
        except socket.timeout:
            pass
        answered += got == wanted
    say({"format": args.format, "requests": args.count, "answered": answered})
    return 0 if answered == args.count else 1


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    answering = commands.add_parser("answer")
    answering.add_argument("format", choices=sorted(PORTS))
    answering.add_argument("--host", default="127.0.0.1")
    answering.add_argument("--port", type=int, default=0)
    answering.add_argument("--count", type=int, default=1_000_000)
    answering.add_argument("--idle", type=float, default=100)
    for name in ("drop", "twice", "wrong", "late"):
        answering.add_argument(f"--{name}", type=int, default=0)
    answering.add_argument("--after", type=float, default=2)
    asking = commands.add_parser("ask")
    asking.add_argument("format", choices=sorted(PORTS))
    asking.add_argument("host")
    asking.add_argument("port", type=int)
    asking.add_argument("--count", type=int, default=10)
    asking.add_argument("--timeout", type=float, default=20)
    args = parser.parse_args()
    if args.command == "ask":
        return ask(args)
    texts, answered = answer_udp(args) if args.format.endswith("udp") else answer_tcp(args)
    first, last = (texts[0], texts[-1]) if texts else (b"", b"")
    say(
        {
            "format": args.format,
            "requests": len(texts),
            "answered": answered,
            "first": first.decode("latin1"),
            "last": last.decode("latin1"),
        }
    )
    return 0


sys.exit(main())
