"""Certificate numbers at rest: encrypted, found by keyed hash, shown masked."""

from __future__ import annotations

from zhike.customers.certificates import told_by
from zhike.customers.derive import CertificateTold
from zhike.customers.models import Certificate
from zhike.kernel import crypto

_PURPOSE = "customers.certificate"
crypto.register_encrypted(Certificate, "sealed_number", _PURPOSE)


def seal_number(number: str) -> str:
    """The number encrypted under the newest key."""
    return crypto.encrypt(number, _PURPOSE)


def open_number(sealed: str) -> str:
    """The number in the clear, whichever key it was encrypted under."""
    return crypto.decrypt(sealed, _PURPOSE)


def lookup_of(number: str) -> str:
    """The keyed hash that a normalised number is found by, whatever the document."""
    return crypto.lookup_hash("certificate", number)


def told_by_certificate(certificate: Certificate) -> tuple[str, CertificateTold]:
    """The number in the clear and what it says, for the search index and the quality of the record."""
    number = open_number(certificate.sealed_number)
    told = told_by(certificate.type, number)
    return number, CertificateTold(told.birth_date, told.gender, certificate.valid_until)
