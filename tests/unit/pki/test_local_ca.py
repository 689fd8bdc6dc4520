from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl  # type: ignore[import-untyped]  # it has no types
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.der import children, null, printable_string, read_one
from egov_sdk.errors import InputError, KeyAccessError
from egov_sdk.pki import Certificate, LocalCA, TrustStore, validate_chain
from egov_sdk.pki.certificate import Extension
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.name import Name
from egov_sdk.report import Outcome

from .world import DAY, NOW, SIGNING, Seeded, authority, key, leaf, root

KINDS = ("ca", "seal_maker", "signer", "encryption", "tsa", "ocsp")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_strict_certificate(kind: str) -> None:
    certificate = leaf(kind, kind=kind)
    assert certificate.leniencies == ()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theirs = x509.load_der_x509_certificate(certificate.raw)
        assert len(theirs.extensions) == len(certificate.extensions)
        assert theirs.subject.rfc4514_string() == certificate.subject.text
        assert theirs.not_valid_after_utc == certificate.not_after
    again = asn1_x509.Certificate.load(certificate.raw, strict=True)
    assert again.native["tbs_certificate"]["version"] == "v3"
    assert again.dump(force=True) == certificate.raw


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_signed_without_parameters_by_its_ca(kind: str) -> None:
    certificate = leaf(kind, kind=kind)
    tbs, algorithm, signature = children(read_one(certificate.raw))
    assert [part.tag for part in children(algorithm)] == [0x06]
    authority().certificate.public_key.verify(signature.content[1:], tbs.raw)
    result = validate_chain(
        certificate, trust=TrustStore([root().certificate]), at=NOW, intermediates=[authority().certificate]
    )
    assert result.outcome is Outcome.PASSED


PROFILES = {
    "ca": ({"keyCertSign", "cRLSign"}, None, True),
    "seal_maker": (SIGNING, None, False),
    "signer": (SIGNING, None, False),
    "encryption": ({"keyEncipherment", "dataEncipherment", "keyAgreement"}, None, False),
    "tsa": (SIGNING, ("1.3.6.1.5.5.7.3.8",), False),
    "ocsp": ({"digitalSignature"}, ("1.3.6.1.5.5.7.3.9",), False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_rights_and_marks(kind: str) -> None:
    certificate = leaf(kind, kind=kind)
    usage, purposes, is_ca = PROFILES[kind]
    assert (certificate.key_usage, certificate.extended_key_usage, certificate.is_ca) == (usage, purposes, is_ca)
    assert certificate.subject_key_id is not None
    assert len(certificate.subject_key_id) == 20
    critical = {each.oid for each in certificate.extensions if each.critical}
    assert critical == {"2.5.29.15"} | ({"2.5.29.19"} if is_ca else set()) | ({"2.5.29.37"} if kind == "tsa" else set())
    assert certificate.crl_urls
    assert certificate.ocsp_urls
    assert (certificate.extension("1.3.6.1.5.5.7.48.1.5") is not None) is (kind == "ocsp")


def test_serial_numbers_are_positive_and_long_and_differ() -> None:
    numbers = [authority().issue("signer", "x", key("x").public_key(), at=NOW).serial_number for _ in range(20)]
    assert len(set(numbers)) == 20
    assert all(1 << 126 <= number < 1 << 127 for number in numbers)


def test_the_same_times_and_random_source_give_the_same_octets() -> None:
    def made() -> tuple[bytes, ...]:
        ca = LocalCA.create_root("CN=根", at=NOW, random=Seeded("again"))
        below = ca.subordinate("CN=机构", at=NOW)
        certificate = below.issue("signer", "CN=局", key("x").public_key(), at=NOW)
        gone = [Revoked(certificate.serial_number, NOW)]
        return (
            ca.certificate.raw,
            below.certificate.raw,
            certificate.raw,
            below.crl(at=NOW, revoked=gone),
            below.ocsp_response([certificate], at=NOW, revoked=gone),
        )

    assert made() == made()


def test_another_signer_than_a_key_object_may_hold_the_key() -> None:
    class Token:
        def public_key(self) -> object:
            return key("token").public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            return key("token").sign_digest(digest)

    ca = LocalCA.create_root("CN=令牌根", at=NOW, key=Token())  # type: ignore[arg-type]  # structural on purpose
    below = ca.issue("signer", "CN=x", key("x").public_key(), at=NOW)
    assert validate_chain(below, trust=TrustStore([ca.certificate]), at=NOW).outcome is Outcome.PASSED


def test_times_from_2050_on_are_written_long() -> None:
    certificate = authority().issue("signer", "x", key("x").public_key(), at=datetime(2049, 12, 31, tzinfo=UTC), days=1)
    assert certificate.not_after == datetime(2050, 1, 1, tzinfo=UTC)
    assert certificate.leniencies == ()
    x509.load_der_x509_certificate(certificate.raw)


def test_more_extensions_can_be_put_in() -> None:
    code = Extension("1.2.156.10260.4.1.4", False, printable_string("91330000MA0000000X"))
    certificate = authority().issue("signer", "x", key("x").public_key(), at=NOW, extensions=[code])
    assert certificate.extension(code.oid) == code


def test_names_are_given_as_lines_names_or_common_names() -> None:
    public = key("x").public_key()
    for subject in ("某某局", "CN=某某局", Name.build([("CN", "某某局")])):
        assert authority().issue("signer", subject, public, at=NOW).subject.text == "CN=某某局"


def test_a_chain_leads_up_to_the_root() -> None:
    assert authority().chain == (authority().certificate, root().certificate)
    assert root().chain == (root().certificate,)


MISTAKES: list[tuple[str, dict[str, Any]]] = [
    ("kind", {"kind": "notary"}),
    ("aware", {"at": datetime(2026, 1, 1)}),  # noqa: DTZ001 - the point of the test
    ("days", {"days": 0}),
    ("days", {"days": -1}),
    ("path length", {"path_length": 0}),
    ("path length", {"kind": "ca", "path_length": -1}),
    ("empty", {"subject": ""}),
    ("unknown attribute", {"subject": "X=y"}),
]


@pytest.mark.parametrize(("words", "change"), MISTAKES)
def test_a_mistake_of_the_caller_is_refused(words: str, change: dict[str, Any]) -> None:
    given_: dict[str, Any] = {"kind": "signer", "subject": "x", "at": NOW, **change}
    with pytest.raises(ValueError, match=words):
        authority().issue(given_.pop("kind"), given_.pop("subject"), key("x").public_key(), **given_)


def test_only_a_ca_with_its_own_key_issues() -> None:
    with pytest.raises(ValueError, match="another key"):
        LocalCA(root().certificate, key("nobody"))
    with pytest.raises(ValueError, match="no CA"):
        LocalCA(leaf(), key("某某局"))


def test_an_unknown_cause_is_refused() -> None:
    with pytest.raises(ValueError, match="cause"):
        authority().crl(at=NOW, revoked=[Revoked(1, NOW, "bad mood")])
    with pytest.raises(ValueError, match="cause"):
        authority().ocsp_response([leaf()], at=NOW, revoked=[Revoked(leaf().serial_number, NOW, "bad mood")])


def _make(making: str, at: datetime, days: int) -> bytes:
    if making == "crl":
        return authority().crl(at=at, days=days)
    return authority().ocsp_response([leaf()], at=at, days=days)


@pytest.mark.parametrize("making", ["crl", "ocsp"])
def test_naive_times_and_no_days_are_refused_in_lists_and_responses(making: str) -> None:
    for at, days in ((datetime(2026, 1, 1), 7), (NOW, 0)):  # noqa: DTZ001 - the point of the test
        with pytest.raises(ValueError):
            _make(making, at, days)
    with pytest.raises(ValueError):
        authority().crl(at=NOW, revoked=[Revoked(1, datetime(2026, 1, 1))])  # noqa: DTZ001 - the point


def test_lists_and_responses_are_strict_der() -> None:
    gone = [Revoked(5, NOW - DAY, "keyCompromise")]
    crl = authority().crl(at=NOW, revoked=gone)
    assert asn1_crl.CertificateList.load(crl, strict=True).dump(force=True) == crl
    response = authority().ocsp_response([leaf()], at=NOW, responder=(leaf("答复者", kind="ocsp"), key("答复者")))
    read = asn1_ocsp.OCSPResponse.load(response, strict=True)
    assert read.dump(force=True) == response
    assert read.response_data.native["responses"][0]["cert_status"] == "good"


def test_a_ca_is_opened_from_its_files(tmp_path: Path) -> None:
    ca = authority()
    assert isinstance(ca.signer, SM2PrivateKey)
    certificate, secret = tmp_path / "ca.pem", tmp_path / "ca.key"
    certificate.write_bytes(b"".join(each.to_pem() for each in ca.chain))
    secret.write_bytes(ca.signer.to_pem("password"))
    opened = LocalCA.from_files(certificate, secret, password="password")
    assert opened.chain == ca.chain
    assert opened.issue("signer", "x", key("x").public_key(), at=NOW).issuer == ca.certificate.subject
    with pytest.raises(KeyAccessError):
        LocalCA.from_files(certificate, secret)
    secret.write_bytes(key("nobody").to_pem())
    with pytest.raises(ValueError, match="another key"):
        LocalCA.from_files(certificate, secret)
    certificate.write_bytes(b"nothing")
    with pytest.raises(InputError):
        LocalCA.from_files(certificate, secret)


@given(st.text(min_size=1, max_size=20), st.integers(min_value=1, max_value=20000))
def test_what_is_issued_reads_back(name: str, days: int) -> None:
    try:
        subject = Name.build([("CN", name)])
    except UnicodeEncodeError:  # lone surrogates are not text
        return
    certificate = authority().issue("signer", subject, key("x").public_key(), at=NOW, days=days)
    assert Certificate.parse(certificate.raw) == certificate
    assert certificate.subject.common_name == name
    assert certificate.not_after - certificate.not_before == days * DAY
    assert null() not in certificate.tbs[-2:]
