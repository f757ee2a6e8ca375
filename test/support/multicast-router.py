#!/usr/bin/env python3
"""Has this host forward what a source sends to groups, from one interface to others, until it is ended (ip(7), <linux/mroute.h>).

    multicast-router.py IN OUT[,OUT] SOURCE,GROUP [SOURCE,GROUP ...]

Prints READY once it does. A packet goes on if its TTL is over 1, with one less: as every router has it.
"""

import signal
import socket
import struct
import sys

MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC = 200, 202, 204
VIFF_USE_IFINDEX = 8
THRESHOLD = 1


def forward4(ways, pairs):
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    sock.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
    for vif, name in enumerate(ways):
        index = socket.if_nametoindex(name)
        vifctl = struct.pack("=HBBIi4x", vif, VIFF_USE_IFINDEX, THRESHOLD, 0, index)
        sock.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF, vifctl)
    ttls = bytes([0] + [THRESHOLD] * (len(ways) - 1) + [0] * (32 - len(ways)))
    for source, group in pairs:
        mfcctl = struct.pack("=4s4sH32s18x", socket.inet_aton(source), socket.inet_aton(group), 0, ttls)
        sock.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC, mfcctl)
    return sock


def forward6(ways, pairs):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    sock.setsockopt(socket.IPPROTO_IPV6, MRT_INIT, 1)
    for mif, name in enumerate(ways):
        mif6ctl = struct.pack("=HBBH2xI", mif, 0, THRESHOLD, socket.if_nametoindex(name), 0)
        sock.setsockopt(socket.IPPROTO_IPV6, MRT_ADD_VIF, mif6ctl)
    outs = sum(1 << mif for mif in range(1, len(ways)))
    for source, group in pairs:
        addresses = b"".join(
            struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, each), 0)
            for each in (source, group)
        )
        mf6cctl = addresses + struct.pack("=H2xI28x", 0, outs)
        sock.setsockopt(socket.IPPROTO_IPV6, MRT_ADD_MFC, mf6cctl)
    return sock


def main():
    way_in, ways_out, *words = sys.argv[1:]
    ways = [way_in, *ways_out.split(",")]
    pairs = [word.split(",") for word in words]
    sockets = [
        forward(ways, [pair for pair in pairs if (":" in pair[1]) == six])
        for forward, six in ((forward4, False), (forward6, True))
    ]
    print("READY", len(sockets), flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
