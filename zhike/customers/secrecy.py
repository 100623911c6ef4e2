"""Certificate numbers at rest: encrypted, found by keyed hash, shown masked."""

from __future__ import annotations

import base64
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhike.config.home import installation_secrets
from zhike.customers.certificates import told_by
from zhike.customers.derive import CertificateTold
from zhike.customers.models import Certificate


def seal_number(number: str) -> str:
    """The number encrypted under the newest key."""
    name, key = installation_secrets().field_keys[0]
    nonce = os.urandom(12)
    sealed = AESGCM(bytes.fromhex(key)).encrypt(nonce, number.encode(), b"certificate")
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def open_number(sealed: str) -> str:
    """The number in the clear, whichever key it was encrypted under."""
    name, _, raw = sealed.partition(":")
    key = dict(installation_secrets().field_keys)[name]
    body = base64.b64decode(raw)
    return AESGCM(bytes.fromhex(key)).decrypt(body[:12], body[12:], b"certificate").decode()


def lookup_of(number: str) -> str:
    """The keyed hash that a normalised number is found by."""
    key = installation_secrets().lookup.encode()
    return hmac.digest(key, b"certificate:" + number.encode(), "sha256").hex()


def told_by_certificate(certificate: Certificate) -> tuple[str, CertificateTold]:
    """The number in the clear and what it says, for the search index and the quality of the record."""
    number = open_number(certificate.sealed_number)
    told = told_by(certificate.type, number)
    return number, CertificateTold(told.birth_date, told.gender, certificate.valid_until)
