"""Who runs vtlab in a test. VTLAB_BIN names the folder with vtlab and vtlab-child; see README.md."""
import os
import pathlib
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True  # the checkout may belong to somebody else than who tests

import pytest  # noqa: E402

from support import AS_NOBODY, EBPF, NOBODY, PTRACE, Lab, cannot, is_root  # noqa: E402


# A shell that starts the suite in the background has it ignore SIGINT, and what the suite starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def binaries():
    folder = os.environ.get("VTLAB_BIN")
    if not folder:
        pytest.fail("VTLAB_BIN must name the folder with vtlab and vtlab-child", pytrace=False)
    for name in ("vtlab", "vtlab-child"):
        if not os.access(pathlib.Path(folder) / name, os.X_OK):
            pytest.fail(f"VTLAB_BIN={folder} has no program {name}", pytrace=False)
    return pathlib.Path(folder).resolve()


@pytest.fixture(scope="session")
def readable_binaries(binaries):
    """A copy that any user can reach."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-cli-"))
    for name in ("vtlab", "vtlab-child", "vtlab-musl"):
        if not (binaries / name).exists():
            continue  # built only where there is a musl-gcc
        shutil.copy(binaries / name, folder / name)
        os.chmod(folder / name, 0o755)
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def why_no_bpf(binaries):
    """Why the privileged cases cannot run here; None if they can."""
    if not is_root():
        return "needs root"
    tried = Lab(binaries).run("run", "spawn-join", "--tasks", 2, "--observer", "ebpf")
    return None if tried.code == 0 else "eBPF does not work here: " + " ".join(tried.err.split())


@pytest.fixture
def root(binaries):
    """vtlab as root, whichever observer; for what is about users and files."""
    if not is_root():
        cannot("needs root")
    return Lab(binaries, observer=None)


@pytest.fixture
def bpf(binaries, why_no_bpf):
    if why_no_bpf:
        cannot(why_no_bpf)
    return Lab(binaries, observer=EBPF)


@pytest.fixture
def nobody(binaries, readable_binaries):
    """vtlab as an ordinary user: that of the suite, or nobody if the suite runs as root."""
    if not is_root():
        return Lab(binaries)
    if shutil.which("setpriv") is None:
        cannot("setpriv (util-linux) is not installed")
    return Lab(readable_binaries, AS_NOBODY)


@pytest.fixture(params=[EBPF, PTRACE])
def each_observer(request):
    """vtlab as root with eBPF, then as an ordinary user with ptrace."""
    return request.getfixturevalue("bpf" if request.param == EBPF else "nobody")


@pytest.fixture
def anyone(binaries):
    """vtlab as whoever runs the suite; for what is the same for all."""
    return Lab(binaries)


@pytest.fixture
def folder():
    """A folder where also the ordinary user of these tests may write."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="vtlab-cli-out-"))
    if is_root():
        os.chown(made, NOBODY, NOBODY)
        os.chmod(made, 0o755)
    yield made
    shutil.rmtree(made)
