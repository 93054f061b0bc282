"""On what kind of disk a file lies: SQLite's locks and shared memory do not hold on one that computers share."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from outreach.errors import NetworkDisk

MOUNTINFO = Path("/proc/self/mountinfo")
MOUNT = "/sbin/mount"

#: Types of /proc/self/mountinfo, and of macOS's mount. Shared folders of virtual machines are among them: their other
#: end writes without our locks. FUSE types not named here, such as encrypted folders, are this computer's own.
NETWORK = frozenset(
    """
    9p afpfs afs acfs auristorfs beegfs ceph cifs coda davfs fhgfs ftp gfs2 glusterfs gpfs lustre macfuse ncp ncpfs nfs
    nfs4 ocfs2 orangefs osxfuse panfs prl_fs pvfs2 sharefs smb2 smb3 smbfs vboxsf vmhgfs webdav
    fuse.afp fuse.ceph fuse.ceph-fuse fuse.cephfs fuse.curlftpfs fuse.davfs fuse.davfs2 fuse.gcsfuse fuse.glusterfs
    fuse.google-drive-ocamlfuse fuse.goofys fuse.juicefs fuse.moosefs fuse.mfs fuse.onedriver fuse.rclone fuse.s3fs
    fuse.seadrive fuse.sshfs fuse.vmhgfs-fuse fuse.wdfs fuse.gvfsd-fuse
    """.split()  # noqa: SIM905  a list of words, read as one
)

Mounts = Sequence[tuple[PurePosixPath, str]]  #: mount point and type, in the order in which they were mounted

_ESCAPE = re.compile(rb"\\([0-7]{3})")
_MAC = re.compile(r"^.*? on (/.*) \(([^,()]+)[^()]*\)$")


def linux_mounts(mountinfo: bytes) -> Mounts:
    """Parse /proc/self/mountinfo (proc_pid_mountinfo(5)): blanks in a path are written as octal escapes."""
    return list(_linux(mountinfo))


def _linux(mountinfo: bytes) -> Iterator[tuple[PurePosixPath, str]]:
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(b" - ")
        words, kind = fields.split(b" "), rest.split(b" ")[0]
        if len(words) > 4 and kind:
            point = _ESCAPE.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), words[4])
            yield PurePosixPath(os.fsdecode(point)), os.fsdecode(kind)


def mac_mounts(said: str) -> Mounts:
    """Parse what macOS's mount prints: `/dev/disk3s1 on /Volumes/Some name (apfs, local, journaled)`."""
    found = (_MAC.match(line) for line in said.splitlines())
    return [(PurePosixPath(one[1]), one[2].strip()) for one in found if one]


def kind_of(path: PurePosixPath, mounts: Mounts) -> str:
    """The type of the file system that holds an absolute path: the longest mount point, of equal ones the last."""
    best, kind = -1, ""
    for point, its in mounts:
        if len(point.parts) >= best and path.is_relative_to(point):
            best, kind = len(point.parts), its
    return kind


def refuse_network_disk(file: Path) -> None:
    """Raise NetworkDisk where a live ledger must not lie. On a system that we do not know nothing is checked."""
    kind = kind_of(PurePosixPath(file.resolve()), _mounts())
    if kind in NETWORK:
        raise NetworkDisk(
            f'This is a network file system ("{kind}"): SQLite cannot keep a live ledger safe there.',
            where=str(file),
            todo="Put the workspace on a disk of this computer, or name one in OUTREACH_DATABASE_URL; several "
            "computers share a PostgreSQL database.",
        )


def _mounts() -> Mounts:
    try:
        if sys.platform == "linux":
            return linux_mounts(MOUNTINFO.read_bytes())
        if sys.platform == "darwin":
            said = subprocess.run([MOUNT], capture_output=True, text=True, errors="replace", timeout=10, check=False)
            return mac_mounts(said.stdout)
    except (OSError, subprocess.SubprocessError):
        pass  # a sandbox without /proc: not checked
    return []
