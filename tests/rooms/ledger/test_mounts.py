"""A live ledger in a file lies on a disk of this computer: read from what the system says is mounted where."""

from pathlib import Path, PurePosixPath

import pytest

from outreach.errors import NetworkDisk
from outreach.ledger import mounts, open_ledger
from outreach.ledger.mounts import NETWORK, kind_of, linux_mounts, mac_mounts
from outreach.model.campaign import Mode

LINUX = rb"""22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro
23 22 0:21 / /proc rw,nosuid shared:2 - proc proc rw
40 22 0:40 / /home rw,relatime shared:20 master:3 propagate_from:2 - nfs4 nas.example:/home rw,vers=4.2
41 40 8:5 / /home/you/local rw,relatime - xfs /dev/sdb1 rw
42 22 0:42 / /mnt/with\040a\040blank rw - cifs //nas.example/share\040one rw
43 22 0:43 / /mnt/tab\011\134\012end rw - fuse.sshfs you@host.example: rw
44 22 0:44 / /mnt/\303\244rger rw - fuse.gocryptfs /home/you/.secret rw
45 22 0:45 / /mnt/twice rw - autofs systemd-1 rw
46 45 0:46 / /mnt/twice rw - nfs nas.example:/twice rw
47 22 0:47 / /mnt/over rw - 9p share rw
48 47 8:6 / /mnt/over rw - ext4 /dev/sdc1 rw
49 22 0:49 /@sub / rw - btrfs /dev/sdd rw
garbage
"""

MAC = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//you@nas.example/share on /Volumes/share (smbfs, nodev, nosuid, mounted by you)
nas.example:/export on /Volumes/Two words (old) (nfs, nodev)
you@host.example:/x on /Volumes/ssh (macfuse, nodev, nosuid, synchronous, mounted by you)
/dev/disk5s1 on /Volumes/stick (msdos, local)
garbage
"""

SHARED = """
nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs fuse.sshfs fuse.glusterfs fuse.davfs davfs fuse.rclone fuse.s3fs
lustre beegfs gfs2 ocfs2 ncpfs coda afpfs webdav macfuse
""".split()  # noqa: SIM905
OWN = "ext4 xfs btrfs zfs apfs hfs overlay tmpfs fuseblk fuse.gocryptfs vfat msdos".split()  # noqa: SIM905


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/you/campaign/live.db", "nfs4"),
        ("/home/you/local/campaign/live.db", "xfs"),
        ("/home/you/locality/live.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homestead/live.db", "btrfs"),
        ("/mnt/with a blank/live.db", "cifs"),
        ("/mnt/tab\t\\\nend/live.db", "fuse.sshfs"),
        ("/mnt/ärger/live.db", "fuse.gocryptfs"),
        ("/mnt/twice/live.db", "nfs"),
        ("/mnt/over/live.db", "ext4"),
        ("/var/live.db", "btrfs"),
    ],
)
def test_linux_says_where_a_file_lies(path, kind):
    """The longest mount point holds it, and of two in one place the later one; escapes are read."""
    assert kind_of(PurePosixPath(path), linux_mounts(LINUX)) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/you/campaign/live.db", "apfs"),
        ("/Volumes/share/live.db", "smbfs"),
        ("/Volumes/shared/live.db", "apfs"),
        ("/Volumes/Two words (old)/live.db", "nfs"),
        ("/Volumes/ssh/live.db", "macfuse"),
        ("/Volumes/stick/live.db", "msdos"),
    ],
)
def test_macos_says_where_a_file_lies(path, kind):
    """Blanks and brackets in a volume's name are no end of it."""
    assert kind_of(PurePosixPath(path), mac_mounts(MAC)) == kind


def test_what_cannot_be_read_says_nothing():
    """No mounts: no kind, and nothing is refused."""
    assert linux_mounts(b"") == mac_mounts("") == []
    assert kind_of(PurePosixPath("/home"), []) == ""


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.davfs",
        "davfs",
        "fuse.rclone",
        "fuse.s3fs",
        "lustre",
        "beegfs",
        "gfs2",
        "ocfs2",
        "ncpfs",
        "coda",
        "afpfs",
        "webdav",
        "macfuse",
    ],
)
def test_kinds_that_computers_share_are_known(kind):
    """Each is refused; see the other table for those that are not."""
    assert kind in NETWORK


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "zfs", "apfs", "hfs", "overlay", "tmpfs", "fuseblk", "fuse.gocryptfs", "vfat", "msdos"],
)
def test_disks_of_this_computer_are_not_refused(kind):
    """An encrypted folder over FUSE is this computer's own."""
    assert kind not in NETWORK


@pytest.fixture
def shared_folder(tmp_path, monkeypatch):
    """A folder that this system takes for a network share."""
    folder = tmp_path / "my share"
    folder.mkdir()
    point = str(folder).replace(" ", r"\040")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {point} rw - nfs4 nas.example:/x rw\n")
    monkeypatch.setattr(mounts, "MOUNTINFO", table)
    monkeypatch.setattr(mounts.sys, "platform", "linux")
    return folder


def test_a_live_ledger_on_a_share_is_refused_before_it_is_made(shared_folder, tmp_path):
    """Also through a link; a rehearsal may lie there."""
    link = tmp_path / "link"
    link.symlink_to(shared_folder)
    for folder in (shared_folder, link):
        with pytest.raises(NetworkDisk, match=r'live\.db: This is a network file system \("nfs4"\).*PostgreSQL'):
            open_ledger(f"sqlite:///{folder}/live.db", mode=Mode.LIVE)
    assert list(shared_folder.iterdir()) == []
    open_ledger(f"sqlite:///{shared_folder}/rehearsal.db", mode=Mode.REHEARSAL).close()


def test_a_system_that_says_nothing_is_not_checked(tmp_path, monkeypatch):
    """A sandbox without /proc, a Mac whose mount is missing, another system: the ledger opens."""
    monkeypatch.setattr(mounts, "MOUNTINFO", tmp_path / "nothing")
    monkeypatch.setattr(mounts, "MOUNT", str(tmp_path / "nothing"))
    for platform in ("linux", "darwin", "freebsd14"):
        monkeypatch.setattr(mounts.sys, "platform", platform)
        open_ledger(f"sqlite:///{tmp_path}/{platform}.db", mode=Mode.LIVE).close()


def test_macos_is_asked_by_its_own_command(tmp_path, monkeypatch):
    """What it prints counts."""
    said = tmp_path / "mount"
    said.write_text(f"#!/bin/sh\necho '//you@nas.example/x on {Path(tmp_path).resolve()} (smbfs, nodev)'\n")
    said.chmod(0o755)
    monkeypatch.setattr(mounts, "MOUNT", str(said))
    monkeypatch.setattr(mounts.sys, "platform", "darwin")
    with pytest.raises(NetworkDisk, match="smbfs"):
        open_ledger(f"sqlite:///{tmp_path}/live.db", mode=Mode.LIVE)
