#!/usr/bin/env python3
"""Run a command on a pseudo-terminal of its own: terminal.py COLUMNS COMMAND...

Everything that it writes to the terminal is passed on, and what comes on standard input is typed there; its exit code becomes ours.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, command = int(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)
watched = [0, terminal]
while True:
    readable, _, _ = select.select(watched, [], [])
    if 0 in readable:
        typed = os.read(0, 65536)
        if typed:
            os.write(terminal, typed)
        else:
            watched.remove(0)
    if terminal not in readable:
        continue
    try:
        data = os.read(terminal, 65536)
    except OSError:  # Linux: EIO when the last writer has gone
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
