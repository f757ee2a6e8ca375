#!/usr/bin/env python3
"""Independent peers for STAMP: a Session-Reflector and a Session-Sender.

Written from the text of docs/wire.md alone; shares no code with the program under test.

    stamp.py answer [--host H] [--port P] [--count N] [--idle S] [switches]
    stamp.py ask HOST PORT [--count N] [--size B] [--timeout S] [--ttl T]

`answer` prints `PORT <n>`, reads --count requests, and then prints one JSON line:
    {"requests", "answered", "faults"}
where `faults` lists what was wrong with requests, at most 20.

Switches of `answer`, by the number of the request as it arrives, from 1 on:
    --stateless      answers have the sender's sequence number instead of a count
    --drop N         every N-th request is as if it had been lost on the way there: neither counted nor answered
    --drop-back N    every N-th answer is counted, and not sent
    --twice N        every N-th request is answered twice
    --wrong N        every N-th answer has another timestamp of the sender
    --hold S         the answer leaves S seconds after its request arrived
    --ahead S        this clock is S seconds ahead
    --ptp            timestamps are truncated PTPv2
    --synchronized   the error estimate sets S, with an error of 2^-20 seconds
    --short          answers have 41 bytes

`ask` sends --count requests, each after the answer to the one before, and prints one JSON line:
    {"requests", "answered", "ttl", "faults"}
where `ttl` is the sender's TTL of the last answer.

It ends early when nothing came for --idle seconds.

Exit code: 0 when every request of `ask` was answered as the format foresees, else 1; 2 for a wrong command line.
Python 3 standard library only.
"""

import argparse
import json
import socket
import struct
import sys
import time

EPOCH = 2208988800
SENDER = struct.Struct("!IIIH30s")
REFLECTOR = struct.Struct("!IIIH2sIIIIIH2sB3s")


def stamp(seconds, ptp):
    whole = int(seconds)
    part = seconds - whole
    if ptp:
        return whole % 2**32, int(part * 1e9)
    return (whole + EPOCH) % 2**32, int(part * 2**32)


def seconds_of(whole, part):
    return whole - EPOCH + part / 2**32


def nth(every, number):
    return bool(every) and number % every == 0


def check(faults, right, what):
    if not right and len(faults) < 20:
        faults.append(what)


def check_timestamp(faults, whole, part, name):
    check(faults, abs(seconds_of(whole, part) - time.time()) < 2, f"{name} is not the time")


def check_request(faults, data, number):
    check(faults, len(data) >= SENDER.size, f"a request of {len(data)} bytes")
    sequence, whole, part, error, zeros = SENDER.unpack_from(data)
    check(faults, sequence == number - 1, f"request {number} has the sequence number {sequence}")
    check_timestamp(faults, whole, part, "T1")
    check(faults, error & 0xFF != 0, "the multiplier is 0")
    check(faults, error & 0x4000 == 0, "Z is set")
    check(faults, not any(zeros), "no zeros behind the error estimate")
    check(faults, not any(data[SENDER.size :]), "no zeros behind the base packet")


def answer(args):
    server = socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((args.host, args.port))
    print(f"PORT {server.getsockname()[1]}", flush=True)
    server.settimeout(args.idle)
    counts, seen, faults = {}, {}, []
    requests = answered = 0
    error = (0x8000 if args.synchronized else 0) | (0x4000 if args.ptp else 0) | (5 << 8) | 128
    while requests < args.count:
        try:
            data, source = server.recvfrom(65535)
        except socket.timeout:
            break
        arrived = time.time() + args.ahead
        requests += 1
        seen[source] = seen.get(source, 0) + 1
        check_request(faults, data, seen[source])
        if nth(args.drop, requests):
            continue
        number = counts.get(source, 0)
        counts[source] = number + 1
        if nth(args.drop_back, requests):
            continue
        sequence, whole, part, theirs, _ = SENDER.unpack_from(data)
        if nth(args.wrong, requests):
            part ^= 1
        if args.hold:
            time.sleep(args.hold)
        packet = REFLECTOR.pack(
            sequence if args.stateless else number,
            *stamp(time.time() + args.ahead, args.ptp),
            error,
            b"",
            *stamp(arrived, args.ptp),
            sequence,
            whole,
            part,
            theirs,
            b"",
            64,
            b"",
        )
        reply = packet[:41] if args.short else packet + data[SENDER.size :]
        for _ in range(2 if nth(args.twice, requests) else 1):
            server.sendto(reply, source)
        answered += 1
    print(json.dumps({"requests": requests, "answered": answered, "faults": faults}), flush=True)
    return 0


def ask(args):
    client = socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(args.timeout)
    if args.ttl:
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, args.ttl)
    client.connect((args.host, args.port))
    answered, ttl, faults = 0, None, []
    for sequence in range(args.count):
        sent = stamp(time.time(), False)
        request = SENDER.pack(sequence, *sent, 0x0181, b"") + bytes(args.size - SENDER.size)
        client.send(request)
        try:
            data = client.recv(65535)
        except socket.timeout:
            continue
        answered += 1
        check(faults, len(data) == len(request), f"an answer of {len(data)} bytes")
        number, *left, error, zeros, came, came_part, theirs, whole, part, copy, more, ttl, last = REFLECTOR.unpack_from(data)
        check(faults, number == sequence, f"answer {sequence} has the number {number}")
        check_timestamp(faults, *left, "T3")
        check_timestamp(faults, came, came_part, "T2")
        arrived, leaves = seconds_of(came, came_part), seconds_of(*left)
        check(faults, arrived <= leaves, "T2 is after T3")
        check(faults, error & 0xFF != 0, "the multiplier is 0")
        check(faults, error & 0x4000 == 0, "Z is set")
        check(faults, (theirs, (whole, part), copy) == (sequence, sent, 0x0181), "not a copy of the request")
        check(faults, not any(zeros + more + last), "no zeros where there should be")
        check(faults, not any(data[REFLECTOR.size :]), "no zeros behind the base packet")
    print(json.dumps({"requests": args.count, "answered": answered, "ttl": ttl, "faults": faults}), flush=True)
    return 0 if answered == args.count and not faults else 1


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    answering = commands.add_parser("answer")
    answering.add_argument("--host", default="127.0.0.1")
    answering.add_argument("--port", type=int, default=0)
    answering.add_argument("--count", type=int, default=1_000_000)
    answering.add_argument("--idle", type=float, default=100)
    for name in ("drop", "drop-back", "twice", "wrong"):
        answering.add_argument(f"--{name}", type=int, default=0)
    for name in ("hold", "ahead"):
        answering.add_argument(f"--{name}", type=float, default=0)
    for name in ("stateless", "ptp", "synchronized", "short"):
        answering.add_argument(f"--{name}", action="store_true")
    asking = commands.add_parser("ask")
    asking.add_argument("host")
    asking.add_argument("port", type=int)
    asking.add_argument("--count", type=int, default=10)
    asking.add_argument("--size", type=int, default=44)
    asking.add_argument("--timeout", type=float, default=20)
    asking.add_argument("--ttl", type=int)
    args = parser.parse_args()
    return ask(args) if args.command == "ask" else answer(args)


sys.exit(main())
