# SPDX-License-Identifier: BSD-3-Clause


def listening(path):
    """Whether somebody listens, from the kernel's table: a connection would be a peer."""
    with open('/proc/net/unix') as f:
        return any(line.split()[-1] == path and line.split()[3] == '00010000' for line in f)
