"""observe --metrics: the page for Prometheus, against the result at the end and by a real Prometheus that watches two hosts."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest

from support import REPOSITORY, cannot, wait_until

VALUE = r"(?:[-+]?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|[-+]?Inf|N[aA][nN])"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:{{({LABEL}(?:,{LABEL})*)}})? ({VALUE})")
PIECE = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')

# Makes 3 threads that stay, runs 2 programs, and then waits for a line; tells when it is there.
PROGRAM = """
import ctypes, subprocess, sys, threading
for _ in range(2):
    subprocess.run(["/bin/true"])
forever = threading.Event()
for _ in range({threads}):
    threading.Thread(target=forever.wait, daemon=True).start()
CLONE_SIGHAND = 0x800  # without CLONE_VM: refused
ctypes.CDLL(None).syscall(56, CLONE_SIGHAND, 0, 0, 0, 0)
print("there", flush=True)
sys.stdin.readline()
"""


def program(threads=3):
    return [sys.executable, "-c", PROGRAM.format(threads=threads)]


class Page:
    """The text format of Prometheus, strictly: every line is known, and each sample is of a family declared above it."""

    def __init__(self, text):
        self.text, self.types, self.help, self.samples = text, {}, {}, {}
        assert text.endswith("\n")
        for line in text.splitlines():
            if match := re.fullmatch(r"# HELP (\S+) (.+)", line):
                assert match[1] not in self.help, line
                self.help[match[1]] = match[2]
            elif match := re.fullmatch(r"# TYPE (\S+) (counter|gauge|histogram|summary)", line):
                assert match[1] in self.help and match[1] not in self.types, line
                self.types[match[1]] = match[2]
            else:
                match = SAMPLE.fullmatch(line)
                assert match, line
                name, labels, value = match.groups()
                family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in self.types else name
                assert family in self.types, line
                key = (name, frozenset(PIECE.findall(labels or "")))
                assert key not in self.samples, f"twice: {line}"
                self.samples[key] = float(value)

    def value(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def sum(self, name, **labels):
        return sum(value for (of, found), value in self.samples.items() if of == name and labels.items() <= set(found))

    def counters(self):
        return {key: value for key, value in self.samples.items()
                if self.types.get(key[0]) == "counter" or key[0].endswith(("_bucket", "_count", "_sum"))}


class Served:
    """A vtlab that serves metrics of a program which waits for a line."""

    def __init__(self, lab, folder, *arguments, before=(), address="0", threads=3):
        self.result = folder / "result.json"
        self.process = subprocess.Popen(
            [*before, *lab.command("observe", "--metrics", address, "-o", self.result, *arguments, "--", *program(threads))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self):
        line = self.process.stderr.readline()
        assert line.startswith("metrics: http://"), line + self.process.stderr.read()
        self.url = line.split()[1]
        assert self.process.stdout.readline() == "there\n"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def scrape(self):
        with urllib.request.urlopen(self.url, timeout=60) as answer:
            return Page(answer.read().decode())

    def end(self, what=lambda self: self.process.stdin.write("\n")):
        what(self)
        _, err = self.process.communicate(timeout=60)
        return json.loads(self.result.read_text()), err


def test_the_page_and_the_result_at_the_end_agree(bpf, folder):
    with Served(bpf, folder, "--show", "syscalls,totals") as served:
        page = served.scrape()
        document, _ = served.end()
    made = {(row["call"], row["kind"]): row["count"] for row in document["totals"]["attempts"] if "error" not in row}
    on_page = {(dict(labels)["syscall"], dict(labels)["kind"]): value for (name, labels), value in page.samples.items()
               if name == "vtlab_kernel_tasks_created_total"}
    assert on_page == made
    assert sum(made.values()) == document["counts"]["kernel_tasks"]["value"]
    assert page.sum("vtlab_kernel_tasks_created_total", kind="thread") == document["counts"]["threads"]["value"] == 3
    assert page.sum("vtlab_kernel_tasks_created_total", kind="process") == document["counts"]["processes"]["value"] == 2
    assert page.value("vtlab_kernel_task_creations_failed_total", syscall="clone", kind="process", error="EINVAL") == 1
    assert page.value("vtlab_kernel_tasks_sharing_memory_total") <= document["counts"]["sharing_mm"]["value"]
    assert page.value("vtlab_kernel_tasks_exited_total") == 2
    assert page.value("vtlab_kernel_tasks_alive") == 4
    assert page.value("vtlab_kernel_tasks_alive_max") == document["counts"]["most_alive"]["value"]
    assert page.sum("vtlab_kernel_tasks_by_state") == 4
    assert page.value("vtlab_evidence_void") == 0 and page.value("vtlab_lost_events_total") == 0
    # Every switch is of one kind or the other, and nothing has fewer at the end than it had on the page.
    totals = document["totals"]
    assert totals["voluntary"] + totals["preempted"] == document["counts"]["switches"]["value"]
    assert page.value("vtlab_switches_total", kind="voluntary") <= totals["voluntary"]
    assert page.value("vtlab_switches_total", kind="preempted") <= totals["preempted"]
    assert 0 < page.value("vtlab_cpu_seconds_total") <= totals["on_cpu_ns"] / 1e9
    assert page.value("vtlab_run_queue_wait_seconds_bucket", le="+Inf") == page.value("vtlab_run_queue_wait_seconds_count")
    assert page.value("vtlab_run_queue_wait_seconds_sum") <= totals["waited_ns"] / 1e9
    buckets = sorted((float(dict(labels)["le"]), value) for (name, labels), value in page.samples.items()
                     if name == "vtlab_run_queue_wait_seconds_bucket")
    assert buckets == sorted(buckets, key=lambda bucket: bucket[1]) and len(buckets) == 25
    writes = sum(row["returned"] for row in document["syscalls"]["rows"] if row["call"] == "clone")
    assert page.value("vtlab_system_calls_total", syscall="clone") == writes
    assert page.value("vtlab_system_call_errors_total", syscall="clone", error="EINVAL") == 1


def test_counters_do_not_go_backwards_and_two_may_ask_at_once(bpf, folder):
    with Served(bpf, folder) as served:
        before = served.scrape().counters()
        askers = [subprocess.Popen([sys.executable, "-c",
                                    f"import urllib.request; print(urllib.request.urlopen('{served.url}').read().decode())"],
                                   stdout=subprocess.PIPE, text=True) for _ in range(4)]
        pages = [Page(asker.communicate(timeout=60)[0].rstrip("\n") + "\n") for asker in askers]
        after = served.scrape().counters()
        served.end()
    for page in pages:
        assert {key: (value, page.samples[key]) for key, value in before.items() if page.samples[key] < value} == {}
        assert {key: (value, after[key]) for key, value in page.counters().items()
                if key[0].startswith("vtlab") and after[key] < value} == {}


def test_every_metric_is_in_the_docs_and_every_one_there_is_served(bpf, folder):
    with Served(bpf, folder, "--show", "syscalls,totals") as served:
        page = served.scrape()
        served.end()
    rows = dict(re.findall(r"^\| `(vtlab_[a-z_]+)`[^|]*\| (counter|gauge|histogram) \|",
                           (REPOSITORY / "docs/metrics.md").read_text(), re.M))
    assert rows == {name: kind for name, kind in page.types.items() if name.startswith("vtlab_")}
    for name, kind in rows.items():
        assert name.endswith("_total") == (kind == "counter"), name


def test_an_interrupt_ends_it_with_the_report(bpf, folder):
    with subprocess.Popen([sys.executable, "-c", PROGRAM.format(threads=2)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as watched:
        assert watched.stdout.readline() == "there\n"
        result = folder / "result.json"
        vtlab = subprocess.Popen(bpf.command("observe", "--metrics", "0", "-o", result, "--pid", watched.pid),
                                 stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            url = vtlab.stderr.readline().split()[1]
            with urllib.request.urlopen(url, timeout=60) as answer:
                page = Page(answer.read().decode())
            assert page.value("vtlab_kernel_tasks_alive") == 3
            assert dict(next(labels for name, labels in page.samples if name == "vtlab_observed_info"))["pid"] == str(watched.pid)
            vtlab.send_signal(signal.SIGINT)
            vtlab.communicate(timeout=60)
            assert vtlab.returncode == 0
            assert json.loads(result.read_text())["partial_because"] == "interrupted before the tree had ended"
        finally:
            if vtlab.poll() is None:
                vtlab.kill()
            watched.communicate("\n")


def test_the_program_does_not_inherit_the_socket(bpf, folder):
    with Served(bpf, folder) as served:
        (child,) = [int(pid) for pid in subprocess.run(["ps", "-o", "pid=", "--ppid", str(served.process.pid)],
                                                       capture_output=True, text=True, check=True).stdout.split()]
        open_files = {os.readlink(fd) for fd in pathlib.Path(f"/proc/{child}/fd").iterdir()}
        assert not [name for name in open_files if name.startswith("socket:")]
        served.end()


@pytest.mark.parametrize("word", ["", "here", "1.2.3:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "99999", "::1:9464", "9464x"])
def test_what_is_no_address_is_refused_with_what_to_type(bpf, word):
    done = bpf.run("observe", f"--metrics={word}", "--", "/bin/true").ended_with(2)
    assert "metrics" in done.err


def test_a_port_that_is_taken_ends_with_the_reason(bpf):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = bpf.run("observe", "--metrics", port, "--", "/bin/true").ended_with(3)
    assert f"cannot serve metrics at {port}" in done.err and "Address already in use" in done.err


def test_an_address_of_another_machine_ends_with_the_reason(bpf):
    done = bpf.run("observe", "--metrics", "192.0.2.1:0", "--", "/bin/true").ended_with(3)  # RFC 5737: of nobody
    assert "no network interface of this machine has that address" in done.err


def test_a_low_port_without_the_capability_ends_with_the_reason(bpf):
    if shutil.which("setpriv") is None:
        cannot("setpriv (util-linux) is not installed")
    everywhere = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if int(everywhere.read_text()) <= 80:
        cannot("here everybody may listen at low ports")
    done = subprocess.run(["setpriv", "--bounding-set", "-net_bind_service",
                           *bpf.command("observe", "--metrics", "80", "--", "/bin/true")], capture_output=True, text=True, check=False)
    assert done.returncode == 3 and "CAP_NET_BIND_SERVICE" in done.stderr


def test_without_privileges_it_says_that_it_needs_ebpf(nobody):
    done = nobody.run("observe", "--metrics", "0", "--", "/bin/true").ended_with(3)
    assert "--metrics needs eBPF" in done.err


def prometheus():
    for place in (os.environ.get("VTLAB_PROMETHEUS"), shutil.which("prometheus"),
                  REPOSITORY / "build/prometheus/usr/bin/prometheus"):
        if place and os.access(place, os.X_OK):
            return str(place)
    cannot(f"there is no prometheus; to get it: {REPOSITORY}/fetch/prometheus.py {REPOSITORY}/build/prometheus")


class Network:
    """Hosts of their own, each a network namespace with a wire to a hub, which has Prometheus. They go with their processes."""

    def __init__(self, hosts):
        for tool in ("ip", "unshare", "nsenter"):
            if shutil.which(tool) is None:
                cannot(f"there is no {tool} (packages iproute2, util-linux)")
        self.keepers = []
        self.hub = self.space()
        self.addresses = []
        self.inside = []
        self.run(self.hub, "ip", "link", "set", "lo", "up")
        for number in range(1, hosts + 1):
            host = self.space()
            self.run(self.hub, "ip", "link", "add", f"host{number}", "type", "veth", "peer", "name", "hub", "netns", str(host))
            self.run(self.hub, "ip", "address", "add", f"10.0.{number}.1/24", "dev", f"host{number}")
            self.run(self.hub, "ip", "link", "set", f"host{number}", "up")
            self.run(host, "ip", "address", "add", f"10.0.{number}.2/24", "dev", "hub")
            self.run(host, "ip", "link", "set", "hub", "up")
            self.addresses.append(f"10.0.{number}.2")
            self.inside.append(self.words(host))

    def space(self):
        keeper = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo there; read line"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.keepers.append(keeper)
        if keeper.stdout.readline() != "there\n":
            cannot(f"no network namespace can be made here: {keeper.stderr.read()}")
        return keeper.pid

    @staticmethod
    def words(space):
        return ["nsenter", f"--net=/proc/{space}/ns/net"]

    def run(self, space, *words):
        done = subprocess.run([*self.words(space), *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            cannot(f"{' '.join(words)}: {done.stderr}")

    def ask(self, url):
        """A document from inside the hub, or None."""
        asking = f"import urllib.request; print(urllib.request.urlopen({url!r}, timeout=20).read().decode())"
        done = subprocess.run([*self.words(self.hub), sys.executable, "-c", asking], capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for keeper in self.keepers:
            keeper.communicate("\n")


def test_a_prometheus_adds_up_what_two_hosts_do(bpf, folder):
    server = prometheus()
    with Network(2) as network:
        folders = [folder / f"host{number}" for number in (1, 2)]
        for each in folders:
            each.mkdir()
        (folder / "prometheus.yml").write_text(json.dumps({  # JSON is YAML, too
            "global": {"scrape_interval": "250ms", "scrape_timeout": "250ms"},
            "scrape_configs": [{"job_name": "vtlab", "scrape_interval": "1s", "scrape_timeout": "1s",
                                "static_configs": [{"targets": [f"{address}:9464" for address in network.addresses]}]}]}))
        hosts = [Served(bpf, each, before=inside, address=f"{address}:9464", threads=threads)
                 for each, inside, address, threads in zip(folders, network.inside, network.addresses, (3, 5))]
        with open(folder / "log", "w", encoding="utf-8") as log, hosts[0], hosts[1]:
            watching = subprocess.Popen(
                [*network.words(network.hub), server, f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
            try:
                def query(text):
                    answer = network.ask("http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": text}))
                    if not answer:
                        assert watching.poll() is None, (folder / "log").read_text()
                        return {}
                    return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in answer["data"]["result"]}

                both = wait_until(lambda: len(query("up{job='vtlab'} == 1 and on(instance) vtlab_kernel_tasks_alive")) == 2,
                                  "both hosts are scraped")
                assert both
                assert query("sum by (kind) (vtlab_kernel_tasks_created_total)") == {
                    (("kind", "thread"),): 8, (("kind", "process"),): 4}
                assert query("sum(vtlab_kernel_tasks_alive)") == {(): 10}
                assert query("count(vtlab_build_info)") == {(): 2}
                assert query("max by (instance) (vtlab_kernel_tasks_alive)") == {
                    (("instance", f"{network.addresses[0]}:9464"),): 4, (("instance", f"{network.addresses[1]}:9464"),): 6}
                # A quantile over all hosts, of their buckets together.
                ((_, waited),) = query("histogram_quantile(0.99, sum by (le) (vtlab_run_queue_wait_seconds_bucket))").items()
                assert 0 < waited <= 8.4
            finally:
                watching.terminate()
                watching.wait()
            documents = [host.end()[0] for host in hosts]
    assert sum(document["counts"]["threads"]["value"] for document in documents) == 8
