"""`make install` into a folder: what comes where, and what it leaves alone."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.installed import REPOSITORY, copy_source, make
from tests.needs import needs
from tests.private_systemd.machine import private_systemd


def test_install_brings_every_part(installed: Path) -> None:
    for name in (
        "opt/epoch-watcher/bin/epoch-watcher",
        "opt/epoch-watcher/bin/add-district",
        "opt/epoch-watcher/share/doc/install-as-a-service.md",
        "opt/epoch-watcher/share/districts/index.md",
        "opt/epoch-watcher/share/examples/send-drop-sftp.sh",
        "opt/epoch-watcher/share/systemd/leases.conf",
        "opt/epoch-watcher/share/systemd/sshd-epoch-watcher.conf",
        "etc/systemd/system/epoch-watcher.service",
        "etc/systemd/system/epoch-watcher-view@.service",
        "usr/lib/sysusers.d/epoch-watcher.conf",
        "usr/lib/tmpfiles.d/epoch-watcher.conf",
        "etc/epoch-watcher/config.example.yaml",
    ):
        assert (installed / name).is_file(), name
    assert os.readlink(installed / "usr/local/bin/epoch-watcher") == "/opt/epoch-watcher/bin/epoch-watcher"


def test_install_keeps_the_configuration_from_others(installed: Path) -> None:
    assert stat.S_IMODE((installed / "etc/epoch-watcher/config.yaml").stat().st_mode) == 0o640


def test_install_can_be_read_by_every_user(installed: Path) -> None:
    programs = installed / "opt/epoch-watcher"
    closed = [path for path in programs.rglob("*") if not path.is_symlink() and not path.stat().st_mode & stat.S_IROTH]
    assert closed == []


def test_install_into_a_folder_names_it_nowhere(installed: Path) -> None:
    """A program that begins with the build folder's path would not start where it is copied to."""
    scripts = [path for path in (installed / "opt/epoch-watcher/bin").iterdir() if not path.is_symlink()]
    assert scripts
    assert [path.name for path in scripts if str(installed).encode() in path.read_bytes()] == []


def _without_pip(path: Path) -> Path:
    """A Python that makes a venv of nothing but itself and installs nothing."""
    path.write_text(
        "#!/bin/sh\n"
        '[ "$2" = venv ] || exit 0\n'
        'mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; touch "$3/pyvenv.cfg" "$3/bin/activate"\n'
    )
    path.chmod(0o755)
    return path


@needs("systemctl", "dbus-daemon", "unshare", "nsenter", root=True)
def test_install_on_a_machine_makes_user_folders_and_unit(tmp_path: Path) -> None:
    """Without DESTDIR: all that `make install` does to a machine, on one that is thrown away."""
    source = copy_source(tmp_path / "source")
    _without_pip(source / "python")
    (tmp_path / "machine").mkdir()
    with private_systemd(tmp_path / "machine", {source: "/source"}) as machine:
        machine.run("make", "-C", "/source", "install", "PYTHON=/source/python")
        assert machine.show("epoch-watcher", "LoadState", "User") == {"LoadState": "loaded", "User": "epoch-watcher"}
        config = machine.run("stat", "-c", "%a %U:%G", "/etc/epoch-watcher/config.yaml")
        work = machine.run("stat", "-c", "%a %U:%G", "/srv/sftp/.epoch-watcher")
        assert (config, work) == ("640 root:epoch-watcher\n", "700 epoch-watcher:epoch-watcher\n")
        machine.run("make", "-C", "/source", "uninstall", "PYTHON=/source/python")
        assert machine.show("epoch-watcher", "LoadState") == {"LoadState": "not-found"}


def test_install_again_keeps_the_administrators_configuration(tmp_path: Path) -> None:
    """And uninstall takes away all but that. The package itself is beside the point here: pip is left out."""
    source, destination = copy_source(tmp_path / "source"), tmp_path / "destination"
    words = (f"DESTDIR={destination}", f"PYTHON={_without_pip(tmp_path / 'python')}")
    make(source, "install", *words)
    config = destination / "etc/epoch-watcher/config.yaml"
    config.write_text("mine\n")
    make(source, "install", *words)
    assert config.read_text() == "mine\n"
    make(source, "uninstall", *words)
    left = {str(path.relative_to(destination)) for path in destination.rglob("*") if path.is_file()}
    assert left == {"etc/epoch-watcher/config.yaml", "etc/epoch-watcher/config.example.yaml"}


def test_make_without_venv_names_the_package_that_brings_it(tmp_path: Path) -> None:
    source = copy_source(tmp_path / "source")
    bare = tmp_path / "python3"
    # Debian's python3 without python3-venv: everything works but this import
    bare.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *) exec /usr/bin/python3 "$@";; esac\n')
    bare.chmod(0o755)
    done = subprocess.run(["make", "demo", f"PYTHON={bare}"], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr


@pytest.mark.parametrize("name", ["add-district"])
def test_scripts_are_sound_shell(name: str) -> None:
    subprocess.run(["bash", "-n", str(REPOSITORY / "systemd" / name)], check=True)


@pytest.mark.parametrize("target", ["install", "uninstall"])
def test_make_without_root_refuses_to_touch_the_machine(target: str) -> None:
    nobody = 65534 if os.geteuid() == 0 else None
    # not in pytest's own folder, which is closed to other users
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copy(REPOSITORY / "Makefile", folder)
        done = subprocess.run(["make", target], cwd=folder, capture_output=True, text=True, check=False, user=nobody)
    assert done.returncode != 0
    assert "must be run as root" in done.stderr
