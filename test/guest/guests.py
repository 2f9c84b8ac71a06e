# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
"""What the programs of this folder share: starting a guest, and dpdk-test-crypto-perf."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
FIRST_DEVICE = "0000:00:10.0"
SECOND_DEVICE = "0000:00:11.0"
DRIVER = "librte_crypto_virtio.so"
PERF_FIELDS = ("lcore", "size", "burst", "enqueued", "dequeued", "failed_enq", "failed_deq", "mops",
               "gbps", "cycles")


def run_guest(options, command, show_errors=False):
    """Run a command in a guest: (status, stdout, stderr)."""
    r = subprocess.run([os.path.join(HERE, "run")] + options + ["--"] + command,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=None if show_errors else subprocess.PIPE, check=False)
    err = b"" if show_errors else r.stderr
    return r.returncode, r.stdout.decode(errors="replace"), err.decode(errors="replace")


def device_properties():
    """Names of the properties that virtio-crypto-pci of the installed QEMU has."""
    r = subprocess.run(["qemu-system-x86_64", "-device", "virtio-crypto-pci,help"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    return re.findall(r"^ +([\w-]+)=", r.stdout.decode(errors="replace"), re.M)


def perf_argv(ptest, size, options=(), devargs="", cipher_op="encrypt", ops=20000):
    """dpdk-test-crypto-perf, AES-CBC-128, bursts of 32, on the first device."""
    return ["dpdk-test-crypto-perf", "--lcores", "0,1", "-a", FIRST_DEVICE + devargs, "--",
            "--ptest", ptest, "--devtype", "crypto_virtio", "--optype", "cipher-only",
            "--cipher-algo", "aes-cbc", "--cipher-op", cipher_op, "--cipher-key-sz", "16",
            "--cipher-iv-sz", "16", "--buffer-sz", size, "--burst-sz", "32",
            "--total-ops", str(ops), "--silent", "--csv-friendly"] + list(options)


def perf_rows(text):
    """The rows of a throughput run's CSV, as dictionaries of numbers."""
    rows = []
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) == len(PERF_FIELDS) and fields[0].strip().isdigit():
            rows.append(dict(zip(PERF_FIELDS, map(float, fields))))
    return rows


def die(program, why):
    print("%s: %s" % (program, why), file=sys.stderr)
    sys.exit(1)
