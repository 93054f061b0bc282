"""A mail server that asks whose a mail is: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489), as receiving ones do.

DKIM is done by Mail::DKIM, which SpamAssassin brings, so that no code of ours vouches for a signature of ours. SPF
knows the mechanisms that an invented record needs; an organisation's domain is one label below the top.
"""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

import dns.resolver
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from servers.nameserver import HOST, NameServer

SELECTOR = "s1"
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_SIGN = """
use Mail::DKIM::Signer;
my ($domain, $selector, $key) = @ARGV;
my $dkim = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => 'relaxed/relaxed', Domain => $domain,
    Selector => $selector, KeyFile => $key);
binmode STDIN; binmode STDOUT; local $/; my $mail = <STDIN>;
$dkim->PRINT($mail); $dkim->CLOSE;
print $dkim->signature->as_string, "\\r\\n", $mail;
"""
_VERIFY = """
use Mail::DKIM::Verifier; use Mail::DKIM::DNS; use Net::DNS;
my ($host, $port) = @ARGV;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => [$host], port => $port, recurse => 1));
my $dkim = Mail::DKIM::Verifier->new;
binmode STDIN; local $/; my $mail = <STDIN>;
$dkim->PRINT($mail); $dkim->CLOSE;
print join ' ', map { $_->result . '=' . $_->domain } $dkim->signatures;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a receiving server finds out about one mail."""

    sender: str  #: the domain of From, which is the one that a person sees
    spf: str  #: of the envelope's domain
    dkim: frozenset[str]  #: domains whose signatures hold
    policy: str  #: what the domain asks for: reject, quarantine, none, or "" without a record
    passes: bool  #: DMARC: SPF or DKIM holds for an aligned domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A provider's key for a domain, and the record that publishes it."""

    file: Path
    record: str


def dkim_is_here() -> bool:
    """Whether Perl and Mail::DKIM are."""
    perl = shutil.which("perl")
    known = perl and subprocess.run([perl, "-MMail::DKIM::Signer", "-e", "1"], capture_output=True, check=False)
    return bool(known) and not known.returncode


def new_key(folder: Path) -> Key:
    """Made for one test."""
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / "dkim.pem"
    file.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    public = secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return Key(file=file, record="v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1]))


def signed(raw: bytes, key: Key, domain: str) -> bytes:
    """The mail as a provider hands it on."""
    return _perl(_SIGN, raw, domain, SELECTOR, str(key.file))


def judge(raw: bytes, *, envelope: str, ip: str, names: NameServer) -> Judged:
    """What the mail is worth to a server that got it from `ip`."""
    resolver = names.resolver()
    mail = message_from_bytes(raw, policy=policy.default)
    (author,) = mail.get_all("From", [])  # RFC 7489 6.6.1: without exactly one there is nobody to ask
    sender, path = _domain(parseaddr(author)[1]), _domain(envelope)
    spf = _spf(resolver, path, ip)
    dkim = frozenset(one.partition("=")[2] for one in _signatures(raw, names) if one.startswith("pass="))
    terms = _terms(resolver, sender)
    aligned = spf == "pass" and _aligned(path, sender, strict=terms.get("aspf") == "s")
    aligned |= any(_aligned(one, sender, strict=terms.get("adkim") == "s") for one in dkim)
    return Judged(sender=sender, spf=spf, dkim=dkim, policy=terms.get("p", ""), passes=aligned)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _organisation(domain: str) -> str:
    return ".".join(domain.split(".")[-2:])


def _aligned(one: str, other: str, *, strict: bool) -> bool:
    return one == other if strict else _organisation(one) == _organisation(other)


def _texts(resolver: dns.resolver.Resolver, name: str, prefix: str) -> list[str]:
    try:
        found = resolver.resolve(name, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    texts = (b"".join(one.strings).decode() for one in found)
    return [one for one in texts if one.startswith(prefix)]


def _terms(resolver: dns.resolver.Resolver, domain: str) -> dict[str, str]:
    """The record of the domain itself, else of its organisation (RFC 7489 6.6.3)."""
    for name in dict.fromkeys((domain, _organisation(domain))):
        for text in _texts(resolver, f"_dmarc.{name}", "v=DMARC1"):
            tags = (one.partition("=") for one in text.split(";") if "=" in one)
            return {tag.strip(): value.strip() for tag, _, value in tags}
    return {}


def _spf(resolver: dns.resolver.Resolver, domain: str, ip: str) -> str:
    """ip4, include and all (RFC 7208 5)."""
    records = _texts(resolver, domain, "v=spf1")
    if len(records) != 1:
        return "permerror" if records else "none"
    for term in records[0].split()[1:]:
        sign, mechanism = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
        name, _, value = mechanism.partition(":")
        if (
            name == "all"
            or (name == "ip4" and ipaddress.ip_address(ip) in ipaddress.ip_network(value))
            or (name == "include" and _spf(resolver, value, ip) == "pass")
        ):
            return _RESULTS[sign]
    return "neutral"


def _signatures(raw: bytes, names: NameServer) -> list[str]:
    return _perl(_VERIFY, raw, HOST, str(names.port)).decode().split() if b"DKIM-Signature:" in raw else []


def _perl(script: str, mail: bytes, *words: str) -> bytes:
    done = subprocess.run(["perl", "-e", script, *words], input=mail, capture_output=True, check=True, timeout=60)
    return done.stdout
