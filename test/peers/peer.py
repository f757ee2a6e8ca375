#!/usr/bin/env python3
"""Independent peers for the four picture formats: tcp, header, marker, datagram.

This file is written from the text of the wire protocols alone and shares no code with
the program under test. It stands in for the small programs "in the wild": it keeps
their quirks by default and offers switches for the variants and for misbehaviour.

    peer.py send    FORMAT FILE HOST PORT [switches]
    peer.py receive FORMAT OUTDIR [--host H] [--port P] [--count N] [--timeout S] [switches]

`send` prints one JSON line (for `header`: one per file of the stream):
    {"format", "bytes", "sha256", "acknowledged", "note"}
where `bytes` and `sha256` describe FILE; whatever was sent differently is in `note`.

`receive` prints `PORT <n>` and then one JSON line per transfer:
    {"format", "bytes", "announced", "sha256", "path", "complete", "note"}
where `bytes` and `sha256` describe what was saved under `path`.

Exit code: 0 when all went as the format foresees, 1 when not, 2 for a wrong command line.
Every wait is bounded by --timeout. Python 3 standard library only.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time

ACK = b"get message!!!"
BEGIN = b"bin"
END = b"end"
GOT_SIZE = b"GOT SIZE"
GOT_IMAGE = b"GOT IMAGE"
BYE = b"BYE BYE "

CHUNK = 1024
PORTS = {"tcp": 12345, "header": 9999, "marker": 8888, "datagram": 9999}
LARGEST_READ = 65535

# What `--garbage-first` sends; none of it is exactly `bin`, so all of it is to be ignored.
GARBAGE = (b"noise before the beginning", b"", b"\x00\xff" * 100, b"binary", b"end")


class Fault(Exception):
    """An expected failure; its text goes into the `note` of the report."""


# ---------------------------------------------------------------------------- helpers


def resolve(host, port, kind):
    """Return (family, address) for a host; the form of the address decides IPv4 or IPv6."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise Fault(f"cannot resolve {host}: {error}") from error
    return family, address


def describe(error):
    """Say an operating system error in one line, with its symbolic name where it has one."""
    if isinstance(error, TimeoutError):
        return "timed out"
    name = errno.errorcode.get(error.errno, "") if error.errno else ""
    return " ".join(part for part in (name, error.strerror or str(error)) if part)


def digest(data):
    """Return the SHA-256 of data in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_input(path):
    """Read a file to send."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Fault(f"cannot read {path}: {describe(error)}") from error


def pieces(data, size):
    """Cut data into chunks of `size` bytes, the last one short; none when data is empty."""
    return [data[start : start + size] for start in range(0, len(data), size)]


class Printer:
    """Print one line at a time, whole, from any thread."""

    def __init__(self):
        self._lock = threading.Lock()

    def line(self, text):
        """Print a line of text and flush it."""
        with self._lock:
            print(text, flush=True)

    def json(self, record):
        """Print a record as one JSON line."""
        self.line(json.dumps(record))


OUT = Printer()


# ---------------------------------------------------------------------------- reports


def report_sent(kind, data, acknowledged, notes):
    """Print the JSON line of `send` for one file; data is None when it could not be read."""
    OUT.json(
        {
            "format": kind,
            "bytes": len(data) if data is not None else 0,
            "sha256": digest(data) if data is not None else None,
            "acknowledged": acknowledged,
            "note": "; ".join(notes),
        }
    )


def report_received(args, index, data, announced, complete, notes):
    """Save what came under a name of our own and print the JSON line of `receive`.

    data is None when the transfer never began: then nothing is saved and path is null.
    """
    path = None
    if data is not None:
        path = os.path.join(args.outdir, f"{args.format}-{index}.bin")
        try:
            with open(path, "wb") as file:
                file.write(data)
        except OSError as error:
            notes = [*notes, f"cannot save {path}: {describe(error)}"]
            path, complete = None, False
    OUT.json(
        {
            "format": args.format,
            "bytes": len(data) if data is not None else 0,
            "announced": announced,
            "sha256": digest(data) if data is not None else None,
            "path": path,
            "complete": complete,
            "note": "; ".join(notes),
        }
    )
    return complete


# ---------------------------------------------------------------------------- tcp, sending


class Replies:
    """Read the server's replies from a byte stream, however they are split or glued."""

    def __init__(self, connection):
        self._connection = connection
        self._seen = b""

    def wait_for(self, reply, timeout):
        """Wait until `reply` has come. Raise Fault on a close, a reset or too long a wait."""
        name = reply.decode()
        deadline = time.monotonic() + timeout
        while reply not in self._seen:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Fault(f"no {name} within {timeout:g} s{self._leftover()}")
            self._connection.settimeout(left)
            try:
                data = self._connection.recv(4096)
            except TimeoutError:
                continue
            except OSError as error:
                raise Fault(f"no {name}: {describe(error)}{self._leftover()}") from error
            if not data:
                raise Fault(f"no {name}: the server closed{self._leftover()}")
            self._seen += data
        self._seen = self._seen[self._seen.index(reply) + len(reply) :]

    def _leftover(self):
        return f", came instead: {self._seen[:80]!r}" if self._seen else ""


def size_header(args, size):
    """Return the segments of the SIZE header: one, or two with --split-header."""
    digits = args.bad_size if args.bad_size is not None else str(size)
    end = "\n" if args.terminator or args.glue else ""
    if not args.split_header:
        return [f"SIZE {digits}{end}".encode()]
    cut = len(digits) // 3 or len(digits) // 2  # "813611" becomes "81" and "3611"
    return [f"SIZE {digits[:cut]}".encode(), f"{digits[cut:]}{end}".encode()]


def tcp_payload(args, data):
    """Return the bytes to send for a file, with the lie that was asked for."""
    if args.lie_less:
        return data[: max(0, len(data) - args.lie_less)]
    return data + b"\xaa" * args.lie_more


def tcp_write(connection, args, payload, notes):
    """Write the payload; a server that closes meanwhile is noted, its reply still read."""
    sent = 0
    try:
        for piece in pieces(payload, args.chunk or len(payload) or 1):
            connection.settimeout(args.timeout)
            connection.sendall(piece)
            sent += len(piece)
            if args.delay:
                time.sleep(args.delay)
    except OSError as error:
        notes.append(f"payload not sent whole, at least {sent} bytes: {describe(error)}")


def tls_client(connection, args):
    """Return the client's side of TLS over a connection; trusts only what --ca signed, if given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if args.ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(args.ca)
    return context.wrap_socket(connection, server_hostname=args.host)


def tls_context(args):
    """Return what a server needs for TLS, or None."""
    if args.tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(*args.tls)
    if args.no_tickets:
        context.num_tickets = 0
    return context


def tcp_silence(connection, args):
    """Say nothing more; return how long the server bore it."""
    start = time.monotonic()
    deadline = start + args.timeout
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            data = connection.recv(4096)
        except TimeoutError:
            break
        except OSError as error:
            return f"silent, after {time.monotonic() - start:.3f} s: {describe(error)}"
        if not data:
            return f"silent, the server closed after {time.monotonic() - start:.3f} s"
    return f"silent, the server kept the connection for {args.timeout:g} s"


def tcp_dialogue(connection, args, data, notes):
    """Hold the client's side of the size handshake. Return whether GOT IMAGE came."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    replies = Replies(connection)
    header = size_header(args, len(data))
    payload = tcp_payload(args, data)
    if len(payload) != len(data):
        notes.append(f"announced {len(data)}, sending {len(payload)} bytes")

    connection.settimeout(args.timeout)
    for part in header[:-1]:
        connection.sendall(part)
        time.sleep(args.pause)
    if args.glue:
        tcp_write(connection, args, header[-1] + payload, notes)
        replies.wait_for(GOT_SIZE, args.timeout)
    else:
        connection.sendall(header[-1])
        replies.wait_for(GOT_SIZE, args.timeout)
        if args.silent:
            notes.append(tcp_silence(connection, args))
            return False
        tcp_write(connection, args, payload, notes)

    if args.hang_up:
        notes.append("hung up after the payload")
        return False
    replies.wait_for(GOT_IMAGE, args.timeout)
    if not args.no_bye:
        try:
            connection.sendall(BYE)
        except OSError as error:  # the server need not wait for it
            notes.append(f"BYE not sent: {describe(error)}")
    return True


def send_tcp(args):
    """Send one file as a client of the size handshake."""
    data, notes, acknowledged = None, [], False
    try:
        data = read_input(args.file)
        family, address = resolve(args.host, args.port, socket.SOCK_STREAM)
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(args.timeout)
            connection.connect(address)
            if args.tls:
                with tls_client(connection, args) as secured:
                    notes.append(f"{secured.version()} {secured.cipher()[0]}")
                    acknowledged = tcp_dialogue(secured, args, data, notes)
            else:
                acknowledged = tcp_dialogue(connection, args, data, notes)
    except Fault as fault:
        notes.append(str(fault))
    except OSError as error:
        notes.append(describe(error))
    report_sent("tcp", data, acknowledged, notes)
    return 0 if acknowledged else 1


# ---------------------------------------------------------------------------- tcp, receiving


def tcp_reply(connection, args, reply):
    """Send a reply, in two segments with a pause between them if so asked."""
    connection.settimeout(args.timeout)
    if args.split_replies:
        connection.sendall(reply[:6])
        time.sleep(args.pause)
        reply = reply[6:]
    connection.sendall(reply)


def tcp_read_header(connection, args):
    """Read the SIZE header by splitting on white space, as the originals do.

    The first read that shows a size word decides, unless --grace allows a wait for more
    digits. Return (size, rest): rest is payload that came glued to a terminated header.
    """
    seen = b""
    deadline = time.monotonic() + args.timeout
    while True:
        match = re.match(rb"\s*SIZE\s+(\S+)(\r?\n|\s)?", seen)
        wait = deadline - time.monotonic()
        if match and (match.group(2) or not args.grace):
            break
        if match:
            wait = min(wait, args.grace)
        connection.settimeout(max(wait, 0.001))
        try:
            data = connection.recv(4096)
        except TimeoutError as error:
            if match:
                break
            raise Fault(f"no SIZE within {args.timeout:g} s") from error
        if not data:
            if match:
                break
            raise Fault(f"closed before SIZE, came: {seen[:80]!r}")
        seen += data
        if len(seen) > 4096 and not match:
            raise Fault(f"no SIZE, came: {seen[:80]!r}")
    word = match.group(1)
    if not re.fullmatch(rb"[0-9]+", word):
        raise Fault(f"bad size: {word[:80]!r}")
    if len(word) > 18:
        raise Fault(f"size too large: {word[:80]!r}")
    return int(word), seen[match.end() :]


def tcp_read_payload(connection, args, size, data, notes):
    """Read up to `size` bytes into data. Return whether GOT IMAGE was already sent."""
    early = False
    while len(data) < size:
        connection.settimeout(args.timeout)
        try:
            part = connection.recv(min(size - len(data), LARGEST_READ))
        except TimeoutError:
            notes.append(f"nothing for {args.timeout:g} s")
            break
        if not part:
            notes.append("the client closed early")
            break
        data += part
        if args.early_ack and not early:
            early = True
            notes.append(f"GOT IMAGE sent after {len(data)} bytes")
            tcp_reply(connection, args, GOT_IMAGE)
            if args.no_wait_bye:
                break
    return early


def tcp_wait_bye(connection, args, before, notes):
    """Wait for BYE or a close; return how many bytes of surplus payload came before it."""
    tail, surplus = before, 0
    deadline = time.monotonic() + args.timeout
    while True:
        at = tail.find(b"BYE")
        if at >= 0:
            return surplus + at
        keep = tail[-2:]  # a BYE may be split
        surplus, tail = surplus + len(tail) - len(keep), keep
        left = deadline - time.monotonic()
        try:
            connection.settimeout(max(left, 0.001))
            part = connection.recv(LARGEST_READ) if left > 0 else None
        except TimeoutError:
            part = None
        except OSError as error:
            notes.append(f"no BYE: {describe(error)}")
            return surplus + len(tail)
        if part is None:
            notes.append(f"no BYE within {args.timeout:g} s")
            return surplus + len(tail)
        if not part:
            notes.append("closed without BYE")
            return surplus + len(tail)
        tail += part


def tcp_serve(connection, args, index, outcomes):
    """Hold the server's side of the size handshake with one client, and report it."""
    data, announced, notes, surplus = None, None, [], 0
    try:
        if args.context is not None:
            connection.settimeout(args.timeout)
            connection = args.context.wrap_socket(connection, server_side=True)
            notes.append("resumed" if connection.session_reused else "full handshake")
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            announced, rest = tcp_read_header(connection, args)
            data = bytearray(rest[:announced])
            if rest:
                notes.append(f"{len(rest)} bytes came glued to the header")
            tcp_reply(connection, args, GOT_SIZE)
            early = tcp_read_payload(connection, args, announced, data, notes)
            if len(data) == announced and not early:
                tcp_reply(connection, args, GOT_IMAGE)
            if len(data) == announced and not args.no_wait_bye:
                surplus = tcp_wait_bye(connection, args, rest[announced:], notes)
    except Fault as fault:
        notes.append(str(fault))
    except OSError as error:
        notes.append(describe(error))
    if surplus:
        notes.append(f"{surplus} bytes more than announced")
    complete = data is not None and len(data) == announced and not surplus
    outcomes.append(report_received(args, index, data, announced, complete, notes))


def receive_tcp(args):
    """Serve --count clients, several at once, on one port."""
    family, address = resolve(args.host, args.port, socket.SOCK_STREAM)
    args.context = tls_context(args)
    outcomes, threads = [], []
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(64)
        listener.settimeout(args.timeout)
        OUT.line(f"PORT {listener.getsockname()[1]}")
        missing = None
        for index in range(1, args.count + 1):
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                missing = index
                break
            job = (connection, args, index, outcomes)
            threads.append(threading.Thread(target=tcp_serve, args=job))
            threads[-1].start()
        for thread in threads:
            thread.join()
    if missing is not None:
        notes = [f"no client within {args.timeout:g} s"]
        outcomes.append(report_received(args, missing, None, None, False, notes))
    return 0 if all(outcomes) else 1


# ---------------------------------------------------------------------------- udp, common


class UdpSender:
    """A paced UDP socket with one destination."""

    def __init__(self, args):
        family, self._address = resolve(args.host, args.port, socket.SOCK_DGRAM)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._delay = args.delay
        self._timeout = args.timeout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        """Send one datagram, then pause a little."""
        self._socket.settimeout(self._timeout)
        try:
            self._socket.sendto(data, self._address)
        except OSError as error:
            raise Fault(f"datagram of {len(data)} bytes refused: {describe(error)}") from error
        if self._delay:
            time.sleep(self._delay)

    def wait_ack(self, notes):
        """Wait for `get message!!!`; other datagrams are noted and passed over."""
        deadline = time.monotonic() + self._timeout
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data, source = self._socket.recvfrom(LARGEST_READ)
            except TimeoutError:
                break
            except OSError as error:
                raise Fault(f"no answer: {describe(error)}") from error
            if data != ACK:
                notes.append(f"unknown answer {data[:40]!r}")
                continue
            if source[:2] != self._address[:2]:
                notes.append(f"the answer came from {source[0]} port {source[1]}")
            return
        raise Fault(f"no answer within {self._timeout:g} s")


class UdpReceiver:
    """A bound UDP socket whose reads are cut off at --read-size bytes, and counted."""

    def __init__(self, args):
        family, address = resolve(args.host, args.port, socket.SOCK_DGRAM)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._read_size = args.read_size
        self.cut_off = 0
        if args.rcvbuf:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, args.rcvbuf)
        try:
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        OUT.line(f"PORT {self._socket.getsockname()[1]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def read(self, wait):
        """Return (datagram, source), or None when nothing came within `wait` seconds."""
        if wait <= 0:
            return None
        self._socket.settimeout(wait)
        try:
            data, _, flags, source = self._socket.recvmsg(self._read_size)
        except TimeoutError:
            return None
        if flags & socket.MSG_TRUNC:
            self.cut_off += 1
        return data, source

    def read_until(self, wanted, timeout):
        """Read until `wanted(datagram)` holds.

        Return (datagram, source, ignored); the first two are None after `timeout` seconds.
        """
        ignored = 0
        deadline = time.monotonic() + timeout
        while (got := self.read(deadline - time.monotonic())) is not None:
            if wanted(got[0]):
                return got[0], got[1], ignored
            ignored += 1
        return None, None, ignored

    def acknowledge(self, source):
        """Answer `get message!!!`."""
        self._socket.sendto(ACK, source)

    def note_cut_off(self, notes):
        """Note how many datagrams were cut off since the last call."""
        if self.cut_off:
            notes.append(f"{self.cut_off} datagrams cut off at {self._read_size} bytes")
        self.cut_off = 0


def send_udp_file(args, sender, path, transfer):
    """Send one file with `transfer(args, sender, data, notes)` and report it.

    Return whether it went well: the marker format goes well without an answer.
    """
    data, notes, acknowledged, well = None, [], False, False
    try:
        data = read_input(path)
        acknowledged = transfer(args, sender, data, notes)
        well = True
    except Fault as fault:
        notes.append(str(fault))
    report_sent(args.format, data, acknowledged, notes)
    return well


def send_udp(args, paths, transfer):
    """Send files one after the other through one socket; stop at the first that fails."""
    try:
        sender = UdpSender(args)
    except (Fault, OSError) as error:
        note = str(error) if isinstance(error, Fault) else describe(error)
        report_sent(args.format, None, False, [note])
        return 1
    well = True
    with sender:
        for path in paths:
            if not send_udp_file(args, sender, path, transfer):
                well = False
                if not getattr(args, "keep_going", False):
                    break
    return 0 if well else 1


def receive_udp(args, take):
    """Receive --count transfers with `take(args, receiver, index)`, which tells how it went.

    take returns True or False for a transfer, or None when none began: then no more come.
    """
    well = True
    with UdpReceiver(args) as receiver:
        for index in range(1, args.count + 1):
            complete = take(args, receiver, index)
            well = well and bool(complete)
            if complete is None:
                break
    return 0 if well else 1


def report_nothing(args, index, ignored, wanted):
    """Report that no transfer began within the time allowed."""
    notes = [f"no {wanted} within {args.timeout:g} s"]
    if ignored:
        notes.append(f"{ignored} datagrams ignored before it")
    report_received(args, index, None, None, False, notes)


# ---------------------------------------------------------------------------- header


def header_transfer(args, sender, data, notes):
    """Send the length as a C long, then the chunks, then wait for the answer.

    The originals loop `length // chunk + 1` times, which gives one extra empty datagram
    whenever the length is a multiple of the chunk size, zero included.
    """
    sender.send(struct.pack("<q" if args.long == 8 else "<i", len(data)))
    chunks = pieces(data, args.chunk)
    if len(data) % args.chunk == 0 and not args.no_empty:
        chunks.append(b"")
    drop, args.drop = args.drop, []  # only the first file of a stream loses chunks
    for index, chunk in enumerate(chunks):
        if index in drop:
            notes.append(f"dropped chunk {index} ({len(chunk)} bytes)")
        else:
            sender.send(chunk)
    for index in drop:
        if index >= len(chunks):
            notes.append(f"no chunk {index} to drop")
    sender.wait_ack(notes)
    return True


def send_header(args):
    """Send a stream of one or more files, each after the answer to the one before."""
    return send_udp(args, args.file, header_transfer)


def header_take(args, receiver, index):
    """Receive one picture: header, payload until the length is reached, answer."""
    notes = []
    header, source, ignored = receiver.read_until(
        lambda datagram: len(datagram) in (4, 8), args.timeout
    )
    if header is None:
        report_nothing(args, index, ignored, "header")
        return None
    if ignored:  # also the extra empty datagram of the picture before
        notes.append(f"{ignored} datagrams ignored before the header")
    (announced,) = struct.unpack("<q" if len(header) == 8 else "<i", header)
    notes.append(f"{len(header)}-byte header")
    if announced < 0:
        notes.append("bad length")
        return report_received(args, index, None, announced, False, notes)
    data = bytearray()
    while len(data) < announced:
        got = receiver.read(args.quiet)
        if got is None:
            notes.append(f"incomplete: nothing for {args.quiet:g} s")
            break
        data += got[0]
        source = got[1]
    if len(data) >= announced:
        receiver.acknowledge(source)
    if len(data) > announced:
        notes.append(f"{len(data) - announced} bytes more than announced")
    receiver.note_cut_off(notes)
    return report_received(args, index, data, announced, len(data) == announced, notes)


def receive_header(args):
    """Receive pictures with a length header."""
    return receive_udp(args, header_take)


# ---------------------------------------------------------------------------- marker


def safe_pieces(data, size):
    """Cut data so that no chunk equals a marker: such a chunk is sent as one byte and two."""
    for chunk in pieces(data, size):
        if chunk in (BEGIN, END):
            yield chunk[:1]
            yield chunk[1:]
        else:
            yield chunk


def marker_transfer(args, sender, data, notes):
    """Send `bin`, the chunks and `end`; the format has no answer."""
    notes.append("the format has no answer")
    chunks = list((safe_pieces if args.safe_borders else pieces)(data, args.chunk))
    if BEGIN in chunks or END in chunks:
        notes.append("a chunk equals a marker")
    if args.garbage_first:
        notes.append(f"{len(GARBAGE)} datagrams of garbage first")
        for datagram in GARBAGE:
            sender.send(datagram)
    if args.no_begin:
        notes.append("no bin")
    else:
        sender.send(BEGIN)
    if args.restart:
        half = chunks[: (len(chunks) + 1) // 2]
        notes.append(f"bin again after {len(half)} chunks")
        for chunk in half:
            sender.send(chunk)
        sender.send(BEGIN)
    for chunk in chunks:
        sender.send(chunk)
    if args.no_end:
        notes.append("no end")
    else:
        sender.send(END)
    return False


def send_marker(args):
    """Send one file between markers."""
    return send_udp(args, [args.file], marker_transfer)


def marker_take(args, receiver, index):
    """Receive what comes between `bin` and `end`; `bin` starts afresh."""
    notes = []
    begin, _, ignored = receiver.read_until(lambda datagram: datagram == BEGIN, args.timeout)
    receiver.cut_off = 0
    if begin is None:
        report_nothing(args, index, ignored, "bin")
        return None
    if ignored:
        notes.append(f"{ignored} datagrams ignored before bin")
    data, complete = bytearray(), False
    while True:
        got = receiver.read(args.quiet)
        if got is None:
            notes.append(f"no end, nothing for {args.quiet:g} s")
            break
        if got[0] == END:
            complete = True
            break
        if got[0] == BEGIN:
            notes.append(f"bin again after {len(data)} bytes")
            data.clear()
        else:
            data += got[0]
    complete = complete and not receiver.cut_off
    receiver.note_cut_off(notes)
    return report_received(args, index, data, None, complete, notes)


def receive_marker(args):
    """Receive pictures between markers."""
    return receive_udp(args, marker_take)


# ---------------------------------------------------------------------------- datagram


def datagram_transfer(_args, sender, data, notes):
    """Send the whole file in one datagram and wait for the answer."""
    sender.send(data)
    sender.wait_ack(notes)
    return True


def send_datagram(args):
    """Send one file in one datagram."""
    return send_udp(args, [args.file], datagram_transfer)


def datagram_take(args, receiver, index):
    """Receive one datagram, answer it and save it."""
    got = receiver.read(args.timeout)
    if got is None:
        report_nothing(args, index, 0, "datagram")
        return None
    data, source = got
    receiver.acknowledge(source)
    complete, notes = not receiver.cut_off, []
    receiver.note_cut_off(notes)
    return report_received(args, index, data, None, complete, notes)


def receive_datagram(args):
    """Receive pictures of one datagram each."""
    return receive_udp(args, datagram_take)


# ---------------------------------------------------------------------------- command line


def positive(text):
    """Parse a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def natural(text):
    """Parse a whole number of at least 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def port_number(text):
    """Parse a port number, 0 included."""
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return value


def seconds(text):
    """Parse a time of at least 0 seconds."""
    value = float(text)
    if not 0 <= value <= 86400:
        raise argparse.ArgumentTypeError("must be from 0 to 86400 seconds")
    return value


def add_switches(parser, *switches):
    """Add on/off switches given as (name, help)."""
    for name, text in switches:
        parser.add_argument(name, action="store_true", help=text)


def add_send(formats, kind, run, *, files=None, chunk=CHUNK, delay=0.0002):
    """Add `send KIND` with the arguments that all formats share."""
    parser = formats.add_parser(kind, help=run.__doc__, description=run.__doc__)
    parser.add_argument("file", metavar="FILE", nargs=files)
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("port", metavar="PORT", type=port_number)
    parser.add_argument("--chunk", type=positive, default=chunk, metavar="N")
    parser.add_argument("--delay", type=seconds, default=delay, metavar="S")
    parser.add_argument("--timeout", type=seconds, default=10.0, metavar="S")
    parser.set_defaults(run=run, format=kind)
    return parser


def add_receive(formats, kind, run):
    """Add `receive KIND` with the arguments that all formats share."""
    parser = formats.add_parser(kind, help=run.__doc__, description=run.__doc__)
    parser.add_argument("outdir", metavar="OUTDIR")
    parser.add_argument("--host", default="127.0.0.1", metavar="H")
    parser.add_argument(
        "--port", type=port_number, default=PORTS[kind], metavar="P", help="0: any free port"
    )
    parser.add_argument("--count", type=positive, default=1, metavar="N")
    parser.add_argument("--timeout", type=seconds, default=10.0, metavar="S")
    parser.set_defaults(run=run, format=kind)
    return parser


def add_receive_udp(formats, kind, run, read_size):
    """Add `receive KIND` for a UDP format."""
    parser = add_receive(formats, kind, run)
    parser.add_argument(
        "--read-size", type=positive, default=read_size, metavar="N", help="bytes per read"
    )
    parser.add_argument(
        "--quiet", type=seconds, metavar="S", help="wait inside a transfer, default --timeout"
    )
    parser.add_argument(
        "--rcvbuf", type=natural, default=1 << 20, metavar="N", help="0: the system's default"
    )


def add_all_sends(formats):
    """Describe the command lines of `send`."""
    tcp = add_send(formats, "tcp", send_tcp, chunk=None, delay=0.0)
    add_switches(
        tcp,
        ("--terminator", "end the SIZE header with a newline"),
        ("--split-header", "send the digits of SIZE in two segments"),
        ("--glue", "send terminated header and payload in one go, without waiting"),
        ("--no-bye", "close after GOT IMAGE without BYE BYE"),
        ("--silent", "send SIZE and then nothing"),
        ("--hang-up", "close right after the payload, without waiting for GOT IMAGE"),
        ("--tls", "hold the dialogue inside TLS 1.3"),
    )
    tcp.add_argument("--ca", metavar="FILE", help="with --tls: trust only what it signed")
    lie = tcp.add_mutually_exclusive_group()
    lie.add_argument("--lie-more", type=natural, default=0, metavar="N")
    lie.add_argument("--lie-less", type=natural, default=0, metavar="N")
    tcp.add_argument("--bad-size", metavar="TEXT", help="announce TEXT (--bad-size=-5)")
    tcp.add_argument("--pause", type=seconds, default=0.02, metavar="S")

    header = add_send(formats, "header", send_header, files="+")
    header.add_argument("--long", type=int, choices=(8, 4), default=8)
    header.add_argument(
        "--drop",
        type=natural,
        action="append",
        default=[],
        metavar="I",
        help="skip chunk I (from 0) of the first file; may be repeated",
    )
    add_switches(
        header,
        ("--no-empty", "no extra empty datagram"),
        ("--keep-going", "send the next file though this one got no answer"),
    )

    marker = add_send(formats, "marker", send_marker)
    add_switches(
        marker,
        ("--no-begin", "leave out bin"),
        ("--no-end", "leave out end"),
        ("--garbage-first", "send garbage before bin"),
        ("--restart", "send half of the chunks, then bin and all of them"),
        ("--safe-borders", "split a chunk that equals a marker (the originals do not)"),
    )
    add_send(formats, "datagram", send_datagram)


def add_all_receives(formats):
    """Describe the command lines of `receive`."""
    tcp = add_receive(formats, "tcp", receive_tcp)
    add_switches(
        tcp,
        ("--early-ack", "GOT IMAGE after the first read of payload, then read on"),
        ("--no-wait-bye", "close at once after GOT IMAGE"),
        ("--split-replies", "send each reply in two segments"),
        ("--no-tickets", "with --tls: issue no ticket"),
    )
    tcp.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="serve TLS 1.3 only")
    tcp.add_argument("--pause", type=seconds, default=0.02, metavar="S")
    tcp.add_argument(
        "--grace",
        type=seconds,
        default=0.0,
        metavar="S",
        help="wait for more digits of an unterminated SIZE (the originals do not)",
    )
    add_receive_udp(formats, "header", receive_header, CHUNK)
    add_receive_udp(formats, "marker", receive_marker, LARGEST_READ)
    add_receive_udp(formats, "datagram", receive_datagram, LARGEST_READ)


def parse(argv):
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    send = commands.add_parser("send", help="send a file")
    add_all_sends(send.add_subparsers(dest="format", metavar="FORMAT", required=True))
    receive = commands.add_parser("receive", help="receive files")
    add_all_receives(receive.add_subparsers(dest="format", metavar="FORMAT", required=True))
    args = parser.parse_args(argv)
    if args.command == "receive" and getattr(args, "quiet", 0) is None:
        args.quiet = args.timeout
    return args


def main(argv=None):
    """Run one subcommand and return the exit code."""
    args = parse(argv)
    try:
        if args.command == "receive":
            os.makedirs(args.outdir, exist_ok=True)
        return args.run(args)
    except Fault as fault:
        print(f"peer.py: {fault}", file=sys.stderr)
    except KeyboardInterrupt:
        print("peer.py: interrupted", file=sys.stderr)
    except OSError as error:
        print(f"peer.py: {describe(error)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
