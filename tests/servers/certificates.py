"""An authority of our own, made anew for each test run, and the certificates it issues."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """Issues server certificates; `pem` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.pem = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.pem)
        self.context = cache(self.context)

    def certificate(self, host: str = "127.0.0.1") -> trustme.LeafCert:
        """A certificate with its key, for a server that is another program."""
        return self._ca.issue_cert(host)

    def context(self, host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """A server's context for this host name or address."""
        ended = {"not_after": datetime.now(UTC) - timedelta(days=1)} if expired else {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(host, **ended).configure_cert(context)
        return context


def self_signed(folder: Path, host: str = "127.0.0.1") -> ssl.SSLContext:
    """A server's context with a certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "self-signed.pem"
    file.write_bytes(secret + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
