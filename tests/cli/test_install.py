"""vthreads for others: installed to a folder of its own, found by CMake and pkg-config, used by the examples.

VTLAB_BIN/.. is the build folder that is installed: the release build, as ./vtlabw makes it.
"""
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from support import REPOSITORY, cannot

EXAMPLES = REPOSITORY / "examples" / "vthreads"
STRICT = "-std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Werror"


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vthreads-install-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def prefix(binaries, scratch):
    """Where it was installed, then moved: nothing in it may remember where it was made."""
    if shutil.which("cmake") is None:
        cannot("cmake is not installed")
    run("cmake", "--install", binaries.parent, "--component", "vthreads", "--prefix", scratch / "first")
    (scratch / "first").rename(scratch / "prefix")
    return scratch / "prefix"


@pytest.fixture(scope="module")
def examples(prefix, scratch):
    """The examples, built from a copy of their folder, so that nothing beside it is at hand."""
    shutil.copytree(EXAMPLES, scratch / "source")
    build = scratch / "build"
    run("cmake", "-S", scratch / "source", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_FLAGS={STRICT}",
        "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
    run("cmake", "--build", build)
    return build


def public_headers():
    include = REPOSITORY / "vthreads" / "include"
    return sorted(str(path.relative_to(include)) for path in include.rglob("*.h"))


def test_what_is_installed_is_the_public_headers_the_library_and_how_to_find_it(prefix):
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    headers = {file for file in files if file.startswith("include/")}
    assert headers == {f"include/{header}" for header in public_headers()}
    rest = {re.sub(r"^lib(64)?/([a-z0-9_]+-linux-gnu[a-z0-9]*/)?|-(release|debug|relwithdebinfo|noconfig)(?=\.cmake)", "", file)
            for file in files - headers}
    assert rest == {"libvthreads.a", "pkgconfig/vthreads.pc", "cmake/vthreads/vthreadsConfig.cmake",
                    "cmake/vthreads/vthreadsConfigVersion.cmake", "cmake/vthreads/vthreadsTargets.cmake"}


def test_nothing_that_is_installed_names_the_repository_or_the_build_folder(prefix, binaries):
    for path in prefix.rglob("*"):
        if path.is_file() and path.suffix != ".a":
            text = path.read_text()
            assert str(REPOSITORY) not in text and str(binaries.parent) not in text, path


def test_the_examples_build_against_the_installed_copy_alone_without_a_warning(examples, prefix):
    commands = (examples / "compile_commands.json").read_text()
    assert f"{prefix}/include" in commands
    assert str(REPOSITORY) not in commands


def test_fan_out_finds_the_sum_and_logs_each_vthread(examples):
    out = run(examples / "fan_out", 997)
    assert re.match(r"997 vthreads on \d+ carriers found 497503\n", out)
    counts = {name: int(count) for count, name in re.findall(r"^ *(\d+) (\w+)$", out, re.M)}
    assert counts["start"] == counts["done"] == 998
    assert counts["mount"] == counts["unmount"]
    assert counts["park"] == counts["unpark"] >= 997
    assert "lost" not in counts


def test_tools_can_read_every_argument_of_the_probes(examples, binaries):
    """perf 6.1 skips constants, and then cannot take a probe that is in several places together."""
    has_header = "VTHREADS_HAS_SDT:INTERNAL=1" in (binaries.parent / "CMakeCache.txt").read_text()
    if not has_header or shutil.which("readelf") is None:
        cannot("built without <sys/sdt.h> (Debian: systemtap-sdt-dev), or no readelf (binutils)")
    notes = run("readelf", "-n", examples / "fan_out")
    probes = re.findall(r"Provider: vthreads\n +Name: (\w+)\n.*\n +Arguments: (.*)", notes)
    assert {"mount", "unmount", "park", "unpark"} <= {name for name, _ in probes}
    assert [probe for probe in probes if "@$" in probe[1]] == []


def test_the_echo_server_answers_several_connections_at_once_and_then_ends(examples):
    with subprocess.Popen([examples / "echo_server", "0", "7"], stdout=subprocess.PIPE, text=True) as server:
        try:
            port = int(re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", server.stdout.readline()).group(1))
            clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(7)]
            for turn in range(3):
                for i, client in enumerate(clients):
                    client.sendall(f"{turn} {i}".encode())
                for i, client in enumerate(clients):
                    assert client.recv(100) == f"{turn} {i}".encode()
            for client in clients:
                client.close()
            assert server.wait(timeout=60) == 0
        finally:
            server.kill()


@pytest.mark.parametrize("header", public_headers())
def test_each_public_header_compiles_alone_and_includes_no_private_one(prefix, scratch, header):
    source = f'#include "{header}"\n#include "{header}"\nint main() {{}}\n'
    out = run("c++", *STRICT.split(), f"-I{prefix}/include", "-fsyntax-only", "-H", "-x", "c++", "-", input=source)
    assert out == ""
    done = subprocess.run(["c++", "-std=c++20", f"-I{prefix}/include", "-M", "-x", "c++", "-"], input=source,
                          capture_output=True, text=True, check=True)
    ours = {word for word in done.stdout.split() if "vthreads" in word and word != "\\"}
    assert ours and all(word.startswith(f"{prefix}/include/vthreads/") for word in ours), ours


def test_pkg_config_alone_is_enough_to_build_and_run(prefix, scratch):
    if shutil.which("pkg-config") is None:
        cannot("pkg-config is not installed")
    (pc,) = prefix.rglob("vthreads.pc")
    flags = run("pkg-config", "--cflags", "--libs", pc).split()
    run("c++", *STRICT.split(), EXAMPLES / "fan_out.cpp", "-o", scratch / "by_pc", *flags)
    assert "997 vthreads" in run(scratch / "by_pc", 997)


@pytest.mark.parametrize("wanted,found", [("0.1", True), ("0.1.0", True), ("0.2", False), ("1", False), ("0.0", False)])
def test_find_package_accepts_the_versions_that_it_can_replace(prefix, scratch, wanted, found):
    source = scratch / f"version-{wanted}"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(version LANGUAGES CXX)\n"
        f"find_package(vthreads {wanted} QUIET)\nmessage(STATUS \"found: ${{vthreads_FOUND}}\")\n")
    out = run("cmake", "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert f"found: {1 if found else 0}" in out


@pytest.fixture(scope="module")
def vtlab_prefix(binaries, scratch):
    """vtlab itself, installed."""
    if shutil.which("cmake") is None:
        cannot("cmake is not installed")
    run("cmake", "--install", binaries.parent, "--component", "vtlab", "--prefix", scratch / "vtlab")
    return scratch / "vtlab"


def test_an_installed_vtlab_runs_with_what_is_installed_beside_it(vtlab_prefix):
    said = run(vtlab_prefix / "bin/vtlab", "run", "spawn-join", "--tasks", 7, "--observer", "ptrace", "--mode=platform", "--format", "csv")
    assert "spawn-join" in said


def test_the_man_page_and_the_completions_are_installed_where_shells_look(vtlab_prefix):
    assert (vtlab_prefix / "share/man/man1/vtlab.1").read_text().startswith(".TH VTLAB 1")
    for file in ("bash-completion/completions/vtlab", "zsh/site-functions/_vtlab", "fish/vendor_completions.d/vtlab.fish"):
        assert "made by: vtlab completion" in (vtlab_prefix / "share" / file).read_text()
