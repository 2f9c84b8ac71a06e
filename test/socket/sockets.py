# SPDX-License-Identifier: BSD-3-Clause

import ctypes
import os
import signal

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def apart():
    """In a new process: a session of its own, and it ends with who started it.

    Linux shares processors between sessions (sched_autogroup). Where one session polls on several
    of them, kernels with a flaw in that (6.18 is one) let others wait for a minute, their own
    threads included, and with these the end of a process that was killed.
    """
    os.setsid()
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def listening(path):
    """Whether somebody listens, from the kernel's table: a connection would be a peer."""
    with open('/proc/net/unix') as f:
        return any(line.split()[-1] == path and line.split()[3] == '00010000' for line in f)
