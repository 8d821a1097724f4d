"""Looks at this machine for what every run should see: system folders, chosen files of /etc, certificates, GPUs."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from maquette.drivers.sandbox import Machine, is_within
from maquette.kernel.errors import Unavailable
from maquette.kernel.ports import Capacity

SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")

# fmt: off
ETC = (
    "alternatives", "ca-certificates", "crypto-policies", "debian_version", "fonts", "gai.conf", "host.conf",
    "java-17-openjdk", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "magic", "magic.mime",
    "mime.types", "networks", "nsswitch.conf", "OpenCL", "os-release", "pki", "protocols", "resolv.conf", "rpc",
    "services", "ssl", "timezone", "vulkan",
)

CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
)

KEPT_VARIABLES = (
    "LANG", "LC_ALL", "TERM", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
)
"""What of the caller's environment a run gets: how to speak, and how to reach the network. Nothing else."""
# fmt: on

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# CPU and memory layout, which numerical libraries read to choose threads and kernels.
HARDWARE = "/sys/devices/system"
GPU_DEVICES = ("nvidia*", "dri", "kfd", "dxg")
GPU_FOLDERS = ("/sys/bus/pci", "/sys/devices", "/sys/class/drm", "/sys/module/nvidia")
DRIVER_LIBRARIES = ("/usr/local/nvidia/lib", "/usr/local/nvidia/lib64")
GPU_LIBRARIES = ("libcuda.so", "libnvidia-", "libhsa-runtime", "libamdhip")


def look(environment: Mapping[str, str], gpus: bool) -> Machine:
    """The machine as runs see it; `environment` tells where certificates are."""
    links = tuple((path, str(Path(path).readlink())) for path in SYSTEM_FOLDERS if Path(path).is_symlink())
    folders = [path for path in SYSTEM_FOLDERS if Path(path).is_dir() and not Path(path).is_symlink()]
    etc = [path for path in (f"/etc/{name}" for name in ETC) if Path(path).exists()]
    readable = ["/usr", *folders, *etc, *certificates(environment)]
    if Path(HARDWARE).is_dir():
        readable.append(HARDWARE)
    if not gpus:
        return Machine(links, tuple(readable))
    return Machine(links, tuple(readable), tuple(gpu_devices()), tuple(gpu_folders(readable)))


def certificates(environment: Mapping[str, str]) -> Iterator[str]:
    """Where the environment says that certificates are, unless runs see that anyway."""
    for name in CERTIFICATE_VARIABLES:
        path = environment.get(name, "")
        seen_anyway = is_within(path, "/usr") or is_within(path, "/etc/ssl")
        if path.startswith("/") and not seen_anyway and Path(path).exists():
            yield posixpath.normpath(path)


def gpu_devices() -> Iterator[str]:
    for pattern in GPU_DEVICES:
        yield from sorted(str(path) for path in Path("/dev").glob(pattern))


def gpu_folders(seen: list[str]) -> Iterator[str]:
    """Folders of drivers that are not below /usr, as the linker's cache knows them."""
    for path in GPU_FOLDERS:
        if Path(path).exists():
            yield path
    told = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    folders = {
        posixpath.dirname(line.partition(" => ")[2])
        for line in told.splitlines()
        if line.strip().startswith(GPU_LIBRARIES)
    }
    for folder in sorted(folders):
        if folder and not any(is_within(os.path.realpath(folder), path) for path in seen):
            yield folder


def gpu_groups(devices: tuple[str, ...]) -> tuple[int, ...]:
    """The groups that own the devices: whoever is not root needs them where a device is not open to all."""
    groups: set[int] = set()
    for device in devices:
        found = Path(device).rglob("*") if Path(device).is_dir() else [Path(device)]
        states = [path.stat() for path in found if not path.is_dir()]
        groups.update(state.st_gid for state in states if state.st_mode & 0o006 != 0o006)
    return tuple(sorted(groups - {0}))


def base_environment(caller: Mapping[str, str], home: str, user_name: str, gpus: int) -> dict[str, str]:
    """The variables every run has before its own: nothing of the caller's that is not listed here.

    A proxy's address that holds a password is left out.
    """
    kept = {name: caller[name] for name in KEPT_VARIABLES if caller.get(name) and "@" not in caller[name]}
    drivers = [path for path in DRIVER_LIBRARIES if Path(path).is_dir()] if gpus else []
    if drivers:
        kept["LD_LIBRARY_PATH"] = ":".join(drivers)
    return {"LANG": "C.UTF-8", "PATH": PATH, "HOME": home, "USER": user_name, "LOGNAME": user_name, **kept}


def supervisor_environment(caller: Mapping[str, str]) -> dict[str, str]:
    """For supervisors and companions: Maquette's own Python may have been linked so that it needs the last one."""
    kept = {name: caller[name] for name in ("HOME", "TZ", "LD_LIBRARY_PATH") if name in caller}
    return {"PATH": PATH, "LANG": "C.UTF-8", **kept}


CGROUP_MEMORY = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def capacity() -> Capacity:
    """The cores and the memory that this process may use, and NVIDIA's GPUs."""
    gpus = sum(1 for path in Path("/dev").glob("nvidia*") if path.name.removeprefix("nvidia").isdigit())
    return Capacity(len(os.sched_getaffinity(0)), min(memory("MemTotal"), *memory_limits()), gpus)


def free_memory() -> int:
    """What the kernel could hand out without moving anything to disk."""
    return memory("MemAvailable")


def memory(name: str) -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise Unavailable(f"/proc/meminfo does not tell {name}.")


def memory_limits() -> Iterator[int]:
    """What a container may use; a very large number where there is no limit."""
    yield 1 << 62
    for path in map(Path, CGROUP_MEMORY):
        text = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if text.isdigit():
            yield int(text)
