"""JDKs and Go: how they are fetched and found, what doctor says of them, and what is said where there is none."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from support import NOBODY, REPOSITORY, by_mode, cannot, ledger

sys.path.insert(0, str(REPOSITORY / "fetch"))
import packages  # noqa: E402
import runtimes as fetching  # noqa: E402

FETCHED = REPOSITORY / "build/runtimes"


@pytest.fixture(scope="module")
def fetched():
    """The folder that ./vtlabw runtimes fills."""
    for runtime in fetching.RUNTIMES:
        if not (FETCHED / runtime.name / ".packages").exists():
            cannot(f"there is no {runtime.name} in build/runtimes; ./vtlabw runtimes fetches it")
    return FETCHED


@pytest.fixture
def jdks(fetched):
    return f"{fetched / 'jdk-21'},{fetched / 'jdk-25'}"


@pytest.fixture
def old_jdk(tmp_path):
    """A JDK 17, as far as anybody looks."""
    (tmp_path / "old/bin").mkdir(parents=True)
    (tmp_path / "old/bin/java").write_text("#!/bin/sh\nexit 99\n")
    (tmp_path / "old/bin/java").chmod(0o755)
    (tmp_path / "old/release").write_text('JAVA_VERSION="17.0.15"\n')
    return tmp_path / "old"


def flat(text):
    return " ".join(text.split())


# ---- found ----

def test_doctor_lists_each_runtime_with_its_version_its_place_and_what_it_shows(anyone, fetched):
    go = fetched / "go-1.24"
    out = anyone.run("doctor", "--java", f"{fetched / 'jdk-21'},{fetched / 'jdk-25'}/bin/java", "--go", go).ended_with(0).out
    section = out.partition("Runtimes:")[2]
    old, new, goroutines = (section.index(name) for name in ("JDK 21.", "JDK 25.", "Go 1.24"))
    assert old < new < goroutines
    assert "`synchronized` pins a carrier" in flat(section[old:new])
    assert "`synchronized` pins no carrier" in flat(section[new:goroutines])
    assert str(go / "bin/go") in section


def test_doctor_says_of_a_jdk_that_is_too_old_why_it_cannot_be_used_and_what_to_type(anyone, old_jdk):
    out = anyone.run("doctor", "--java", old_jdk).ended_with(0).out
    assert "JDK 17.0.15" in out and "cannot be used: virtual threads need JDK 21" in out
    assert "./vtlabw runtimes" in out


def test_a_path_that_is_no_runtime_is_refused_with_the_reason(anyone, tmp_path):
    for option, mode, name in (("--java", "java-virtual", "JDK"), ("--go", "go", "Go")):
        said = anyone.run("run", "spawn-join", f"--mode={mode}", option, tmp_path / "missing").ended_with(2).err
        assert f"{option} {tmp_path / 'missing'} is no {name}" in said and "No such file or directory" in said
        said = anyone.run("doctor", option, tmp_path).ended_with(2).err
        assert f"there is no bin/{'java' if name == 'JDK' else 'go'} in it" in said


def test_a_jdk_that_is_too_old_is_refused_with_what_to_type(anyone, old_jdk):
    said = anyone.run("run", "spawn-join", "--mode=java-virtual", "--java", old_jdk, "--tasks", 11).ended_with(3).err
    assert "cannot run mode 'java-virtual'" in said
    assert "JDK 17.0.15" in said and "virtual threads need JDK 21" in said
    assert "./vtlabw runtimes" in said


def test_without_any_runtime_the_rest_works_and_its_modes_say_what_to_install(root, folder):
    hidden = "; ".join(f"mount -t tmpfs nodev {place}" for place in ("/usr/lib/jvm", str(FETCHED)) if os.path.isdir(place))
    inside = ["unshare", "--mount", "sh", "-c", f'set -e; {hidden or "true"}; exec "$@"', "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        cannot("this machine does not let a test mount over folders")
    tools = folder / "bin"
    tools.mkdir()
    for tool in ("unshare", "sh", "mount"):
        (tools / tool).symlink_to(shutil.which(tool))
    root.before = inside
    here = {"env": {"PATH": str(tools)}, "without": ("JAVA_HOME", "GOROOT", "SUDO_UID")}
    for mode, name in (("java-virtual", "no JDK 21 or newer was found"), ("go", "no Go was found")):
        said = root.run("run", "spawn-join", f"--mode={mode}", "--tasks", 11, **here).ended_with(3).err
        assert name in said and "./vtlabw runtimes" in said and "sudo apt-get install" in said
    document = root.results("run", "spawn-join", "--mode=all", "--tasks", 11, **here)
    assert "virtual" in by_mode(document)
    skipped = {skip["mode"]: skip["because"] for skip in document["skipped"]}
    assert "no JDK 21" in skipped["java-virtual"] and "no Go" in skipped["go"]


# ---- used ----

def test_several_jdks_are_modes_side_by_side_and_an_ordinary_user_compiles_for_them(nobody, folder, jdks, fetched):
    cache = {"env": {"XDG_CACHE_HOME": str(folder)}}
    document = nobody.results("run", "spawn-join", "--mode=java-virtual,go", "--java", jdks, "--go", fetched / "go-1.24",
                              "--tasks", 101, **cache)
    results = by_mode(document)
    assert list(results) == ["java-virtual@21", "java-virtual@25", "go"]
    for mode, version in (("java-virtual@21", "JDK 21."), ("java-virtual@25", "JDK 25."), ("go", "Go 1.24")):
        assert results[mode]["params"]["runtime"].startswith(version)
        assert ledger(results[mode])
    assert {path.name.partition("-")[0] for path in (folder / "vtlab/foreign").iterdir()} == {"java", "go"}


def test_under_sudo_a_compiler_runs_as_the_user_and_what_it_makes_is_theirs(root, readable_binaries, folder, fetched):
    root.folder = readable_binaries
    who = {"SUDO_UID": str(NOBODY), "SUDO_GID": str(NOBODY), "XDG_CACHE_HOME": str(folder)}
    root.run("run", "spawn-join", "--mode=java-virtual", "--java", fetched / "jdk-25", "--tasks", 11, env=who).ended_with(0)
    made = list((folder / "vtlab").rglob("*"))
    assert any(path.name == "Main.class" for path in made)
    assert {path.lstat().st_uid for path in made} == {NOBODY}


def test_two_that_compile_at_once_both_get_their_program(nobody, folder, fetched):
    words = ("run", "spawn-join", "--mode=java-virtual", "--java", fetched / "jdk-25", "--tasks", 11)
    here = {"env": {"XDG_CACHE_HOME": str(folder)}}
    with nobody.start(*words, **here) as one, nobody.start(*words, **here) as other:
        one.finish().ended_with(0)
        other.finish().ended_with(0)
    assert [path.suffix for path in sorted((folder / "vtlab/foreign").iterdir())] != [".part"]


def test_a_cache_that_cannot_be_written_is_named_with_what_to_type(nobody, folder, fetched):
    (folder / "vtlab").write_text("a file in the way")
    said = nobody.run("run", "spawn-join", "--mode=java-virtual", "--java", fetched / "jdk-25", "--tasks", 11,
                      env={"XDG_CACHE_HOME": str(folder)}).ended_with(3).err
    assert "cannot compile our program for JDK 25" in said and "Not a directory" in said
    assert "XDG_CACHE_HOME=" in said


# ---- fetched ----

RUNTIME = fetching.Runtime("jdk-21", ("jdk", "libc6"), "home", "java")
NEWEST = {"jdk": "1", "libc6": "2"}


@pytest.fixture
def maker(monkeypatch, tmp_path):
    """get() with a stub in the place of packages. `.made`: how often a home was made; `.fails`: what is to go wrong."""
    class Maker:
        made, fails, target = 0, None, tmp_path

        def download(self, package, version):
            return tmp_path / f"{package}_{version}.deb"

        def get(self, newest=NEWEST):
            return fetching.get(RUNTIME, self, newest, self.target)

    maker = Maker()

    def make(_runtime, _files, part, _place):
        home = part / "root/home"
        home.mkdir(parents=True)
        (home / "program").touch()
        maker.made += 1
        if maker.fails:
            raise maker.fails
        return home

    monkeypatch.setattr(fetching, "make", make)
    monkeypatch.setattr(fetching, "version_of", lambda _runtime, _home: "21.0.1")
    return maker


def test_what_is_current_is_not_made_again_and_what_is_newer_is(maker):
    assert [maker.get(), maker.get(), maker.made] == ["21.0.1", "21.0.1", 1]
    maker.get({**NEWEST, "libc6": "3"})
    assert maker.made == 2


@pytest.mark.parametrize("reason", [KeyboardInterrupt(), packages.Cannot("no patchelf"), OSError(28, "No space left")])
def test_what_was_interrupted_does_not_count_as_done_and_is_begun_anew(maker, reason):
    maker.fails = reason
    with pytest.raises(type(reason)):
        maker.get()
    assert not (maker.target / "jdk-21").exists()
    maker.fails = None
    assert maker.get() == "21.0.1"
    assert not list(maker.target.glob("*.part"))


def test_a_program_that_does_not_run_is_not_ready(maker, monkeypatch):
    def refuse(_runtime, _home):
        raise packages.Cannot("java failed: no such loader")
    monkeypatch.setattr(fetching, "version_of", refuse)
    with pytest.raises(packages.Cannot):
        maker.get()
    assert not (maker.target / "jdk-21/.packages").exists()


def test_a_folder_that_was_moved_is_made_anew_for_its_programs_look_for_their_loader_where_it_was(maker, tmp_path):
    maker.get()
    (tmp_path / "elsewhere").mkdir()
    shutil.move(tmp_path / "jdk-21", tmp_path / "elsewhere/jdk-21")
    maker.target = tmp_path / "elsewhere"
    maker.get()
    assert maker.made == 2


def test_a_package_that_no_list_has_is_named(maker):
    with pytest.raises(packages.Cannot, match="apt knows no libc6"):
        maker.get({"jdk": "1"})


def test_links_to_what_debian_keeps_elsewhere_are_replaced_by_the_files(tmp_path):
    home, etc = tmp_path / "usr/lib/jvm/java", tmp_path / "etc/java"
    (home / "conf").mkdir(parents=True)
    (home / "lib").mkdir()
    etc.mkdir(parents=True)
    (etc / "net.properties").write_text("here")
    (home / "conf/net.properties").symlink_to("/etc/java/net.properties")
    (home / "conf/again.properties").symlink_to("../conf/net.properties")
    (home / "lib/cacerts").symlink_to("/etc/ssl/certs/java/cacerts")
    fetching.gather(home, tmp_path)
    assert (home / "conf/net.properties").read_text() == "here" and not (home / "conf/net.properties").is_symlink()
    assert (home / "conf/again.properties").is_symlink()
    assert not os.path.lexists(home / "lib/cacerts"), "a link to what the packages do not have stays behind"


def test_the_programs_that_were_fetched_use_the_libraries_beside_them(fetched):
    for name in ("jdk-21", "jdk-25"):
        said = subprocess.run(["patchelf", "--print-interpreter", fetched / name / "bin/java"], capture_output=True, text=True,
                              check=True).stdout
        assert pathlib.Path(said.strip()).parent == fetched / name / "lib/debian"
