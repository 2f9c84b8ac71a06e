# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
"""The suites of run-all. A suite is a function of a Build and of a function that takes results.

A guest runs a list of steps, each a command with a check of its status and output; a step that
crashes or hangs does not take the others along.
"""
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

from guests import (DRIVER, FIRST_DEVICE, HERE, SECOND_DEVICE, device_properties, die, perf_argv,
                    perf_rows, run_guest)

sys.path.append(os.path.join(HERE, "..", "..", "tools"))
import rings  # noqa: E402

EXPECTED = os.path.join(HERE, "cryptodev_virtio_autotest.expected")
VERIFY_DATA = os.path.join(HERE, "aes_cbc_128.data")
PROBE = ",caps=probe"
STEP_SECONDS = 150
LONG_STEP_SECONDS = 400  # of a thousand cases, on a machine that does other things as well
KILL_SECONDS = 5

# What QEMU's built-in device can do; it advertises AES-CBC only. NULL is the driver's own.
CAPS_ADVERTISED = {"aes-cbc": "128 192 256", "null": "0"}
CAPS_PROBE = {"aes-cbc": "128 192 256", "aes-ctr": "128 192 256", "aes-ecb": "128 192 256",
              "aes-xts": "256 512", "3des-cbc": "64 128 192", "3des-ctr": "64 128 192",
              "3des-ecb": "64 128 192", "null": "0"}
NB_KNOWN_ANSWERS = 52
FUNCTIONAL = "dpdk-virtio-crypto-test"
# Cases of the functional suite that QEMU's device has the algorithms for.
NB_FUNCTIONAL = 1072

# Of the asymmetric suite; what QEMU refuses is tried, and skipped when it is refused. Status 3: no
# session, 5: no operation.
NB_ASYM = 51
ASYM_SIZES_LEFT_OUT = (512, 1000, 3072, 4096)
SKIPS_ASYM = {
    "the device does not show ECDSA": 107,
    "the device refuses raw: status 5": 20,
    # With nettle it loses the end of numbers that begin with zeros: one in 256.
    "the device refuses zeros: status 5": 2,
    "the device refuses none: status 3": 8,
    "the device refuses sha224: status 3": 4,
    "the device refuses sha384: status 3": 4,
}
SKIPS_ASYM.update(("--skip rsa/%d/*" % bits, 22) for bits in ASYM_SIZES_LEFT_OUT)


class Build:
    """Where things are, and what the user asked for."""

    def __init__(self, folder, logs, write_expected):
        self.driver = os.path.join(folder, DRIVER)
        self.guest_test = os.path.join(folder, "test", "guest", "guest-test")
        self.functional = os.path.join(folder, "app", "test", FUNCTIONAL)
        self.logs = logs
        self.write_expected = write_expected


class Step:
    """One command in a guest. check(report, status, output) is called with what became of it."""

    def __init__(self, name, argv, check, seconds=STEP_SECONDS):
        self.name = name
        self.seconds = seconds
        self.command = argv if isinstance(argv, str) else " ".join(shlex.quote(a) for a in argv)
        self.check = check


def run_steps(build, report, log_name, options, steps):
    """Boot a guest, run the steps in it, and have each checked."""
    script = []
    for i, s in enumerate(steps):
        script += ["echo '@@@ begin %d'" % i,
                   "timeout -k %d %d sh -c %s 2>&1" %
                   (KILL_SECONDS, s.seconds, shlex.quote(s.command)),
                   "echo; echo '@@@ end %d '$?" % i]
    # $? must be the step's and not the first echo's.
    text = "\n".join(script).replace("\necho; echo", "\nrc=$?; echo; echo").replace("'$?", "'$rc")
    limit = 60 + sum(s.seconds + KILL_SECONDS for s in steps)
    rc, out, err = run_guest(options + ["--timeout", str(limit)], ["sh", "-c", text])
    if build.logs:
        with open(os.path.join(build.logs, "guest-%s.log" % log_name), "w") as f:
            f.write(out + err)
    for i, s in enumerate(steps):
        m = re.search(r"^@@@ begin %d\n(.*?)^@@@ end %d (\d+)$" % (i, i), out, re.M | re.S)
        if m:
            s.check(report, int(m.group(2)), m.group(1))
        else:
            report("FAIL", s.name, "the guest ended before (%s)" %
                   (err.strip().splitlines() or ["status %d" % rc])[-1])


def tail(output):
    """The end of an output, for a FAIL line."""
    lines = [l for l in output.strip().splitlines() if l.strip()]
    return "; ".join(lines[-3:])[-300:]


def ended(status):
    if status == 124 or status == 128 + signal.SIGKILL:
        return "does not end"
    if status > 128:
        return "killed by signal %d" % (status - 128)
    return "status %d" % status


# --- Steps ---------------------------------------------------------------------------------------

def guest_test(*tests, devargs=PROBE, eal=(), label=""):
    """Our own program; its lines are results already."""
    def check(report, status, output):
        seen = 0
        failed = False
        for line in output.splitlines():
            m = re.match(r"(PASS|FAIL|SKIP) ([^:]*)(?:: (.*))?$", line)
            if m:
                seen += 1
                failed = failed or m.group(1) == "FAIL"
                report(m.group(1), m.group(2) + label, m.group(3) or "")
        if seen == 0 or (status != 0 and not failed):
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        if "kat" in tests:
            nb = len(re.findall("^PASS kat ", output, re.M))
            if nb != NB_KNOWN_ANSWERS:
                report("FAIL", name, "%d known answers, not %d" % (nb, NB_KNOWN_ANSWERS))
    name = "guest-test " + " ".join(tests) + label
    return Step(name, ["guest-test", "-a", FIRST_DEVICE + devargs] + list(eal) + ["--"] +
                list(tests), check)


def parse_autotest(output):
    """(names of passed, skipped and failed cases, totals) of a run of dpdk-test."""
    cases = {"passed": [], "skipped": [], "failed": []}
    verdicts = {"succeeded": "passed", "passed": "passed", "skipped": "skipped",
                "unsupported": "skipped"}
    suite = ""
    for line in output.splitlines():
        m = re.match(r" *\+ Test Suite : (.*)", line)
        if m:
            suite = m.group(1).strip()
        m = re.match(r" *\+ TestCase \[ *\d+\] : (.*) (\w+)$", line)
        if m:
            cases[verdicts.get(m.group(2), "failed")].append("%s: %s" % (suite, m.group(1)))
    totals = {k.lower(): int(v) for k, v in
              re.findall(r"^ \+ Tests (Total|Skipped|Passed|Failed) *: *(\d+)", output, re.M)}
    return cases, totals


def read_expected():
    """(totals, names of the cases that must pass)."""
    totals, names = {}, []
    with open(EXPECTED) as f:
        for line in f:
            word, _, rest = line.strip().partition(" ")
            if word == "case":
                names.append(rest)
            elif word in ("total", "passed", "skipped", "failed"):
                totals[word] = int(rest)
    return totals, names


def write_expected(cases, totals):
    with open(EXPECTED, "w") as f:
        f.write("# SPDX-License-Identifier: BSD-3-Clause\n"
                "# Copyright(c) 2026 The virtio-crypto stack authors\n#\n"
                "# dpdk-test 22.11, cryptodev_virtio_autotest, QEMU 7.2's device, caps=probe: the totals\n"
                "# that it prints, and the cases that pass. Made by run-all --write-expected uio.\n")
        for k in ("total", "passed", "skipped", "failed"):
            f.write("%s %d\n" % (k, totals[k]))
        f.writelines("case %s\n" % name for name in cases["passed"])


def autotest(eal=(), may_write=None, ring=rings.BY_NAME["split"]):
    """The distribution's dpdk-test."""
    def check(report, status, output):
        cases, totals = parse_autotest(output)
        for why in ring.wrong(output.splitlines()):
            report("FAIL", name + " rings", why)
        if status != 0 or "Test OK" not in output or len(totals) != 4:
            report("FAIL", name, "does not run to its end: %s: %s" % (ended(status), tail(output)))
        else:
            report("PASS", name + " runs to its end")
        if may_write is not None and may_write.write_expected:
            if status != 0 or totals.get("failed", 1) != 0:
                die("run-all", "a run with failures is not what is expected")
            write_expected(cases, totals)
        want, names = read_expected()
        if cases["failed"]:
            report("FAIL", name + " failures", "; ".join(cases["failed"]))
        lost = [n for n in names if n not in cases["passed"]]
        new = [n for n in cases["passed"] if n not in names]
        for n in lost:
            report("FAIL", name + " " + n.replace(":", ","), "passed once")
        for n in new:
            report("FAIL", name + " " + n.replace(":", ","),
                   "passes now: run-all --write-expected uio")
        if totals != want:
            report("FAIL", name + " counts", "%s, not %s" % (totals, want))
        if not (cases["failed"] or lost or new) and totals == want:
            report("PASS", name + " %(passed)d passed, %(skipped)d skipped, 0 failed" % totals)
    name = "autotest" + "".join(" " + e for e in eal)
    return Step(name, ["stdbuf", "-oL", "dpdk-test", "-a", FIRST_DEVICE + PROBE,
                       rings.LOG_LEVEL] + list(eal) + ["--", "cryptodev_virtio_autotest"], check)


def perf_throughput(name, sizes, options=(), cipher_op="encrypt"):
    def check(report, status, output):
        rows = perf_rows(output)
        if status != 0 or [r["size"] for r in rows] != sizes:
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        elif any(r["dequeued"] != r["enqueued"] or r["enqueued"] == 0 for r in rows):
            report("FAIL", name, "not every op came back: " + tail(output))
        else:
            report("PASS", name)
    return Step(name, perf_argv("throughput", ",".join("%d" % s for s in sizes), options, PROBE,
                                cipher_op), check)


def perf_verify(name, data, want_failed):
    """dpdk-test-crypto-perf --ptest verify; want_failed proves that it can fail."""
    nb = 1000

    def check(report, status, output):
        m = re.search(r"^ +1, +64,32,(\d+),(\d+),\d+,\d+,(\d+)$", output, re.M)
        if status != 0 or not m:
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        elif m.group(1) != str(nb) or m.group(2) != str(nb):
            report("FAIL", name, "not every op came back: " + m.group(0).strip())
        elif (int(m.group(3)) > 0) != want_failed:
            report("FAIL", name, m.group(3) + " ops with a wrong result")
        else:
            report("PASS", name)
    argv = perf_argv("verify", "64", ["--test-file", "/tmp/verify.data"], PROBE, ops=nb)
    return Step(name, data + " >/tmp/verify.data && " + " ".join(map(shlex.quote, argv)), check)


def perf_steps():
    name = os.path.basename(VERIFY_DATA)
    return [
        perf_throughput("perf throughput encrypt", [64, 256, 1024, 4096]),
        perf_throughput("perf throughput decrypt", [64, 2048], cipher_op="decrypt"),
        perf_throughput("perf throughput out of place", [64],
                        ["--out-of-place", "--segment-sz", "128"]),
        perf_throughput("perf throughput in segments of 256", [1024], ["--segment-sz", "256"]),
        small_queue(),
        perf_verify("perf verify", 'cat "$(dirname "$(command -v guest-test)")"/' + name, False),
        perf_verify("perf verify notices a wrong result", "sed 's/0x76, 0x49/0x76, 0x48/' "
                    '"$(dirname "$(command -v guest-test)")"/' + name, True),
    ]


def small_queue():
    return perf_throughput("perf with a queue of 32", [64, 1024], ["--desc-nb", "32"])


def capabilities(name, devargs, want):
    def check(report, status, output):
        found = dict(re.findall(r"^CAP (\S+) (.*)$", output, re.M))
        if status != 0 or found != want:
            report("FAIL", name, "%s: %s, not %s" % (ended(status), found, want))
        else:
            report("PASS", name)
    return Step(name, ["guest-test", "-a", FIRST_DEVICE + devargs, "--", "caps"], check)


def bad_devargs(devargs, words):
    """No device, no crash, and one error of the driver that names the thing."""
    name = "bad devargs " + devargs.strip(",")

    def check(report, status, output):
        errors = re.findall(r"^CRYPTO_VIRTIO: .*", output, re.M)
        if "DEVICES 0" not in output or status != 0:
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        elif len(errors) != 1:
            report("FAIL", name, "%d errors: %s" % (len(errors), "; ".join(errors)))
        elif not all(w in errors[0] for w in words):
            report("FAIL", name, "the error does not say %s: %s" % (" ".join(words), errors[0]))
        else:
            report("PASS", name)
    return Step(name, ["guest-test", "-a", FIRST_DEVICE + devargs, "--", "caps"], check)


# --- Suites --------------------------------------------------------------------------------------

def options(build, *more):
    return ["--pmd", build.driver, "--prog", build.guest_test, "--prog", VERIFY_DATA] + list(more)


def suite_uio(build, report):
    """bound to uio_pci_generic: everything"""
    run_steps(build, report, "uio", options(build), [
        autotest(may_write=build),
        guest_test("kat"),
        guest_test("reset-load"),
        guest_test("cycles"),
        guest_test("hotplug"),
        guest_test("secondary"),
    ] + perf_steps())


def suite_vfio(build, report):
    """bound to vfio-pci behind an IOMMU, IOVA as VA and as PA"""
    va, pa = ["--iova-mode=va"], ["--iova-mode=pa"]
    run_steps(build, report, "vfio", options(build, "--bind", "vfio-iommu"), [
        autotest(va),
        autotest(pa),
        guest_test("kat", "reset-load", "cycles", eal=va, label=", IOVA as VA"),
        guest_test("kat", "reset-load", eal=pa, label=", IOVA as PA"),
        guest_test("hotplug", eal=va),
        guest_test("secondary", eal=va),
        perf_throughput("perf throughput", [64, 4096]),
    ])


def no_such_device(ring, report):
    """The device's properties for rings; None, and a result, if this QEMU has them not."""
    props = ring.qemu(device_properties())
    if props is None:
        report("SKIP", "all", "virtio-crypto-pci of this QEMU has no %s rings" % ring.name)
    return props


def on_rings(ring, more="", bind="uio", eal=()):
    """Stock suite, known answers, resets under load, and a small queue on other rings, or with
    further properties of the device."""
    def suite(build, report):
        props = no_such_device(ring, report)
        if props is None:
            return
        name = "-".join([ring.name] + [w.replace("=", "-") for w in (more, bind) if w not in ("", "uio")])
        run_steps(build, report, name, options(
            build, "--bind", bind, "--devopt", props + ("," + more) * bool(more)), [
                autotest(eal, ring=ring),
                guest_test("kat", "reset-load", eal=eal),
                small_queue(),
            ])
    suite.__doc__ = ", ".join(["rings: " + ring.name] + [w for w in (more, bind) if w not in ("", "uio")])
    return suite


def suite_caps(build, report):
    """capabilities by devarg; bad devargs"""
    run_steps(build, report, "caps", options(build), [
        capabilities("caps by default", "", CAPS_ADVERTISED),
        capabilities("caps=advertised", ",caps=advertised", CAPS_ADVERTISED),
        capabilities("caps=probe", PROBE, CAPS_PROBE),
        bad_devargs(",caps=all", ["caps", "all", "advertised", "probe"]),
        bad_devargs(",timeout_ms=soon", ["timeout_ms", "soon"]),
        bad_devargs(",timeout_ms=0", ["timeout_ms", "0"]),
        bad_devargs(",colour=blue", ["colour"]),
        # After all that the device must still be good.
        guest_test("kat", devargs=PROBE),
    ])


def suite_two_devices(build, report):
    """two devices of the driver in one process"""
    run_steps(build, report, "two-devices", options(build, "--devices", "2"), [
        guest_test("two-devices", eal=["-a", SECOND_DEVICE]),
    ])


def functional(ring):
    """The functional suite on two devices."""
    name = "functional suite"

    def check(report, status, output):
        totals = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.M)
        for why in re.findall(r"^FAIL (.*)$", output, re.M) + ring.wrong(output.splitlines()):
            report("FAIL", name, why)
        if status != 0 or not totals:
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        elif int(totals[-1][0]) < NB_FUNCTIONAL:
            report("FAIL", name, "%s cases passed, fewer than %d" % (totals[-1][0], NB_FUNCTIONAL))
        else:
            report("PASS", "%s: %s cases pass" % (name, totals[-1][0]))

    def suite(build, report):
        props = no_such_device(ring, report)
        if props is None:
            return
        # QEMU's device takes AES-CTR and XTS in whole blocks only.
        step = Step(name, [FUNCTIONAL, "--lcores", "0,1,2@0", "-a", FIRST_DEVICE + PROBE,
                           "-a", SECOND_DEVICE + PROBE, rings.LOG_LEVEL, "--", "--plain",
                           "--whole-blocks", "cryptodev_virtio_autotest"], check,
                    LONG_STEP_SECONDS)
        run_steps(build, report, "functional-" + ring.name,
                  ["--devices", "2", "--devopt", props, "--pmd", build.driver,
                   "--prog", build.functional], [step])
    suite.__doc__ = "the functional suite, on two devices; rings: " + ring.name
    return suite


def suite_asym(build, report):
    """RSA: padded, with the digests that QEMU has; the refusal of all else"""
    name = "asymmetric suite"

    def check(report, status, output):
        for why in re.findall(r"^FAIL (.*)$", output, re.M):
            report("FAIL", name, why)
        totals = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, re.M)
        skips = {}
        for why in re.findall(r"^SKIP [^:]*: (.*)$", output, re.M):
            skips[why] = skips.get(why, 0) + 1
        if status != 0 or not totals:
            report("FAIL", name, "%s: %s" % (ended(status), tail(output)))
        elif int(totals[-1][0]) != NB_ASYM or skips != SKIPS_ASYM:
            report("FAIL", name, "%s cases passed, not %d; skipped: %s, not %s" % (
                totals[-1][0], NB_ASYM, skips, SKIPS_ASYM))
        else:
            report("PASS", "%s: %d cases pass, %d are skipped: %s" % (
                name, NB_ASYM, sum(skips.values()),
                ", ".join("%s (%d)" % i for i in sorted(skips.items()))))
    argv = [FUNCTIONAL, "-a", FIRST_DEVICE, "--", "--plain", "--refuses", "raw,sha224,sha384,none,zeros"]
    for bits in ASYM_SIZES_LEFT_OUT:
        argv += ["--skip", "rsa/%d/*" % bits]
    run_steps(build, report, "asym", ["--pmd", build.driver, "--prog", build.functional],
              [Step(name, argv + ["cryptodev_virtio_asym_autotest"], check),
               # After all that the device must still be good.
               Step(name + " again", argv + ["rsa/1024/*"], lambda report, status, output: report(
                   "PASS" if status == 0 else "FAIL", name + " again", tail(output) * (status != 0)))])


def suite_plugin(build, report):
    """loaded with -d, beside the distribution's own driver"""
    pmds = "bus_pci,bus_vdev,mempool_ring,crypto_virtio"
    copy = 'cp "$(dirname "$(command -v guest-test)")"/%s /run/ && ' % DRIVER
    step = capabilities("the driver given with -d wins", PROBE + " -d /run/" + DRIVER, CAPS_PROBE)
    step.command = copy + "guest-test -a %s%s -d /run/%s -- caps" % (FIRST_DEVICE, PROBE, DRIVER)
    run_steps(build, report, "plugin", ["--pmds", pmds, "--prog", build.driver,
                                        "--prog", build.guest_test], [step])


def suite_harness(build, report):
    """the guest itself: status, output, time limit, and that nothing is left behind"""
    rc, out, err = run_guest(["--bind", "none"], ["sh", "-c", "echo to-out; echo to-err >&2; exit 7"])
    ok = rc == 7 and out == "to-out\n" and err == "to-err\n"
    report("PASS" if ok else "FAIL", "output and status", "" if ok else repr((rc, out, err)))

    rc, out, err = run_guest(["--bind", "none", "--timeout", "8"], ["sleep", "600"])
    ok = rc == 124 and "time ran out" in err
    report("PASS" if ok else "FAIL", "time limit", "" if ok else repr((rc, out, err)))

    check_killed(report)
    check_world_writable(build, report)


def children(pid):
    """Pids of all processes below one."""
    r = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], stdout=subprocess.PIPE, check=True)
    pairs = [tuple(map(int, l.split())) for l in r.stdout.splitlines()]
    found, new = set(), {pid}
    while new:
        new = {p for p, parent in pairs if parent in new} - found
        found |= new
    return found


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def check_killed(report):
    name = "nothing is left when run is killed"
    with tempfile.TemporaryDirectory() as folder:  # its run folder is all that may stay behind
        p = subprocess.Popen([os.path.join(HERE, "run"), "--bind", "none", "--", "sh", "-c",
                              "echo up; sleep 600"], env=dict(os.environ, TMPDIR=folder),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = p.stdout.readline()
        pids = children(p.pid)
        p.kill()
        p.wait()
        p.stdout.close()
        gone = wait_for(lambda: not any(alive(q) for q in pids))
    if line != b"up\n" or not pids:
        report("FAIL", name, "the guest does not come up")
    elif not gone:
        report("FAIL", name, "process %s" % [q for q in pids if alive(q)])
    else:
        report("PASS", name)


def check_world_writable(build, report):
    """EAL refuses plugins there; two at once, for good measure."""
    name = "a build below a world-writable folder, two guests at once"
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        for f in (build.driver, build.guest_test):
            with open(f, "rb") as src, open(os.path.join(folder, os.path.basename(f)), "wb") as dst:
                dst.write(src.read())
            os.chmod(dst.name, 0o755)
        argv = [os.path.join(HERE, "run"), "--pmd", os.path.join(folder, DRIVER),
                "--prog", os.path.join(folder, "guest-test"), "--",
                "guest-test", "-a", FIRST_DEVICE + PROBE, "--", "caps"]
        both = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                for _ in range(2)]
        outs = [p.communicate()[0].decode(errors="replace") for p in both]
    bad = [o for o in outs if dict(re.findall(r"^CAP (\S+) (.*)$", o, re.M)) != CAPS_PROBE]
    report("FAIL" if bad else "PASS", name, tail(bad[0]) if bad else "")


SUITES = {
    "harness": suite_harness,
    "caps": suite_caps,
    "uio": suite_uio,
    "vfio": suite_vfio,
    "ring-reset-off": on_rings(rings.BY_NAME["split"], "queue_reset=off"),
    "two-devices": suite_two_devices,
    "asym": suite_asym,
    "plugin": suite_plugin,
}
SUITES.update({
    "packed-vfio": on_rings(rings.BY_NAME["packed"], bind="vfio-iommu", eal=["--iova-mode=va"]),
    "page-per-vq": on_rings(rings.BY_NAME["split"], "page-per-vq=on"),
    "pio-notify": on_rings(rings.BY_NAME["split"], "modern-pio-notify=on"),
})
# Suites that run only if asked for, by name or with --long.
LONG = ["packed-vfio", "page-per-vq", "pio-notify"]
for r in rings.UNBATCHED:
    if r.name != "split":  # suite uio
        SUITES[r.name] = on_rings(r)
    if r.in_order == "0":
        SUITES[r.name + "-event-idx-off"] = on_rings(r, "event_idx=off")
    SUITES["functional-" + r.name] = functional(r)
    if r.name not in ("split", "packed"):
        LONG.append("functional-" + r.name)
