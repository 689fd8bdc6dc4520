from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]  # it has no types
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import InvalidSignature
from egov_sdk.crypto.der import (
    boolean,
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    sequence,
    set_of,
    utc_time,
    utf8_string,
)
from egov_sdk.errors import InputError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import Certificate, ChainResult, LocalCA, TrustStore, _path, _standin, validate_chain
from egov_sdk.pki._edges import Edges
from egov_sdk.pki._standin import Standin, stand_in
from egov_sdk.pki._structure import fault_of
from egov_sdk.pki.chain import OCSP_SIGNING, TIME_STAMPING
from egov_sdk.pki.name import Name
from egov_sdk.report import Outcome

from .world import CA_RIGHTS, DAY, NOW, SIGNING, Draft, authority, extension, flipped, key, leaf, root, under

PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED


def judged(
    certificate: Certificate,
    *intermediates: Certificate,
    trust: TrustStore | None = None,
    at: datetime = NOW,
    usage: frozenset[str] | None = None,
    extended_usage: str | None = None,
) -> ChainResult:
    return validate_chain(
        certificate,
        trust=trust if trust is not None else TrustStore([root().certificate]),
        at=at,
        intermediates=intermediates or (authority().certificate,),
        usage=usage,
        extended_usage=extended_usage,
    )


def anchored(
    certificate: Certificate, *intermediates: Certificate, trust: TrustStore | None = None
) -> tuple[Outcome, str]:
    found = judged(certificate, *intermediates, trust=trust).anchored
    return found.outcome, found.reason


# what is in order


def test_a_chain_of_three_gives_four_good_facts() -> None:
    result = judged(leaf(), usage=SIGNING)
    assert result.path == (leaf(), authority().certificate, root().certificate)
    assert (result.anchored.outcome, result.anchored.reason) == (PASSED, "anchored")
    assert (result.validity.outcome, result.validity.reason) == (PASSED, "within_dates")
    assert (result.usage.outcome, result.usage.reason) == (PASSED, "usage_fits")
    assert (result.revocation.outcome, result.revocation.reason) == (UNKNOWN, "no_information")
    assert result.revoked_at is None
    assert result.outcome is PASSED


def test_an_anchor_may_be_a_ca_at_any_level() -> None:
    trust = TrustStore([authority().certificate])
    assert judged(leaf(), trust=trust).path == (leaf(), authority().certificate)


def test_an_anchor_is_trusted_for_itself() -> None:
    for certificate in (leaf(), root().certificate):
        result = judged(certificate, trust=TrustStore([certificate]))
        assert result.path == (certificate,)
        assert (result.anchored.outcome, result.anchored.reason) == (PASSED, "is_anchor")
        assert result.revocation.outcome is PASSED


def test_a_result_is_not_a_yes_or_no() -> None:
    with pytest.raises(TypeError, match="ask result"):
        bool(judged(leaf()))


def test_an_old_root_of_version_1_is_good_as_an_anchor_only() -> None:
    old = Draft(version=b"", extensions=None).certificate()
    below = Draft(subject=Name.from_text("CN=x").raw, public_key=key("x").public_key()).certificate()
    assert judged(below, trust=TrustStore([old])).anchored.outcome is PASSED
    elsewhere = under(root(), "x", version=b"", extensions=None).certificate()
    child = Draft(issuer=elsewhere.subject.raw, signer=key("x"), subject=Name.from_text("CN=y").raw).certificate()
    assert anchored(child, elsewhere) == (FAILED, "not_a_ca")


# anchoring


def test_without_anchors_everything_is_undecided() -> None:
    result = judged(leaf(), trust=TrustStore())
    assert (result.anchored.outcome, result.anchored.reason) == (UNKNOWN, "no_anchors")
    assert (result.revocation.outcome, result.revocation.reason) == (UNKNOWN, "chain_unknown")
    assert result.validity.outcome is PASSED
    assert result.path == (leaf(),)
    assert result.outcome is UNKNOWN


def test_a_missing_issuer_is_named() -> None:
    result = judged(leaf(), leaf("另一局"))
    assert (result.anchored.outcome, result.anchored.reason) == (UNKNOWN, "issuer_not_found")
    assert "签发机构" in result.anchored.message.zh
    assert result.anchored.evidence["issuer"] == authority().certificate.subject.text


def test_a_self_signed_stranger_is_refused() -> None:
    assert anchored(Draft().certificate()) == (FAILED, "self_signed")


def test_a_chain_to_a_root_that_nobody_trusts_is_refused() -> None:
    stranger = TrustStore([root("外人").certificate])
    assert anchored(leaf(), authority().certificate, root().certificate, trust=stranger) == (FAILED, "untrusted_root")


def test_a_root_of_the_same_name_with_another_key_is_a_stranger() -> None:
    impostor = LocalCA.create_root(root().certificate.subject, at=NOW - 10 * DAY, key=key("impostor"))
    # its key identifier differs, so it is not even taken for the issuer
    assert anchored(authority().certificate, impostor.certificate, trust=TrustStore([impostor.certificate])) == (
        UNKNOWN,
        "issuer_not_found",
    )
    unmarked = Draft(
        subject=root().certificate.subject.raw,
        issuer=root().certificate.subject.raw,
        public_key=key("impostor").public_key(),
        signer=key("impostor"),
        extensions=CA_RIGHTS,
    ).certificate()
    assert anchored(authority().certificate, leaf(), trust=TrustStore([unmarked])) == (FAILED, "signature_wrong")


def test_a_copy_of_the_anchor_with_other_dates_is_no_anchor() -> None:
    """The library takes whatever has an anchor's name and key for it; the copy's own signature is wrong."""
    copied = under(
        root(),
        "x",
        subject=root().certificate.subject.raw,
        public_key=key("nobody").public_key(),
        public_key_info=root().certificate.public_key_info,
        signer=key("nobody"),
        extensions=CA_RIGHTS,
        not_after=utc_time(NOW + 3000 * DAY),
    ).certificate()
    assert copied.public_key == root().certificate.public_key
    assert anchored(copied)[0] is FAILED


def test_a_certificate_with_the_issuer_and_serial_number_of_another_does_not_stand_in_for_it() -> None:
    """Indexes by issuer and serial number would keep the first that comes, and lose the genuine one."""
    genuine = authority().certificate
    impostor = under(
        root(),
        "x",
        subject=genuine.subject.raw,
        serial=integer(genuine.serial_number),
        public_key=key("impostor").public_key(),
        signer=key("impostor"),
        extensions=CA_RIGHTS,
    ).certificate()
    assert (impostor.issuer, impostor.serial_number) == (genuine.issuer, genuine.serial_number)
    for order in ((impostor, genuine), (genuine, impostor)):
        assert judged(leaf(), *order).path == (leaf(), genuine, root().certificate)
    assert anchored(leaf(), impostor) == (FAILED, "signature_wrong")
    forged = under(authority(), "x", signer=key("impostor")).certificate()
    assert anchored(forged, impostor, genuine) == (FAILED, "signature_wrong")


def test_a_certificate_whose_signature_was_exchanged_is_told_from_the_genuine_one() -> None:
    genuine = leaf()
    changed = (
        Certificate.parse(genuine.raw.replace(genuine.signature, leaf("另一局").signature))
        if len(genuine.signature) == len(leaf("另一局").signature)
        else Certificate.parse(flipped(genuine.raw, 8 * len(genuine.raw) - 1))
    )
    assert changed.tbs == genuine.tbs
    trust = TrustStore([root().certificate])
    assert judged(genuine, trust=trust).anchored.outcome is PASSED
    assert judged(changed, authority().certificate, genuine, trust=trust).anchored.outcome is FAILED


WRONG_SIGNERS = {
    "by another key": under(authority(), "x", signer=key("nobody")),
    "under another identity": under(authority(), "x", signer_id=b"someone@example"),
    "under an empty identity": under(authority(), "x", signer_id=b""),
}


@pytest.mark.parametrize("case", WRONG_SIGNERS)
def test_a_signature_that_is_not_the_issuers_is_refused(case: str) -> None:
    assert anchored(WRONG_SIGNERS[case].certificate()) == (FAILED, "signature_wrong")


def test_an_issuer_that_is_no_ca_is_refused() -> None:
    child = Draft(issuer=leaf().subject.raw, signer=key("某某局"), subject=Name.from_text("CN=x").raw).certificate()
    assert anchored(child, leaf(), authority().certificate) == (FAILED, "not_a_ca")


def test_a_certificate_that_is_no_ca_issues_nothing_even_as_an_anchor() -> None:
    child = Draft(issuer=leaf().subject.raw, signer=key("某某局"), subject=Name.from_text("CN=x").raw).certificate()
    assert anchored(child, trust=TrustStore([leaf()])) == (FAILED, "not_a_ca")


def ca_draft(name: str, issuer: LocalCA, *extensions: bytes) -> Certificate:
    return under(issuer, name, extensions=extensions).certificate()


def child_of(name: str) -> Certificate:
    return Draft(
        issuer=Name.from_text(f"CN={name},C=CN").raw, signer=key(name), subject=Name.from_text("CN=child").raw
    ).certificate()


IS_CA = extension("2.5.29.19", sequence(boolean(True)), critical=True)


def test_a_ca_whose_key_may_not_sign_certificates_is_refused() -> None:
    only_lists = extension("2.5.29.15", b"\x03\x02\x01\x02", critical=True)
    assert anchored(child_of("lists"), ca_draft("lists", root(), IS_CA, only_lists)) == (FAILED, "ca_key_usage")
    as_anchor = TrustStore([ca_draft("lists", root(), IS_CA, only_lists)])
    assert anchored(child_of("lists"), trust=as_anchor) == (FAILED, "ca_key_usage")


def test_a_ca_without_any_key_usage_may_issue() -> None:
    assert anchored(child_of("free"), ca_draft("free", root(), IS_CA)) == (PASSED, "anchored")


@pytest.mark.parametrize("flag", [sequence(), sequence(boolean(False)), sequence(integer(3))])
def test_basic_constraints_that_do_not_say_ca_are_refused(flag: bytes) -> None:
    not_ca = ca_draft("not ca", root(), extension("2.5.29.19", flag), CA_RIGHTS[1])
    assert anchored(child_of("not ca"), not_ca) == (FAILED, "not_a_ca")


def test_a_path_length_is_kept() -> None:
    narrow = root().subordinate("CN=narrow", at=NOW - 9 * DAY, path_length=0, key=key("narrow"))
    below = narrow.subordinate("CN=below", at=NOW - 9 * DAY, key=key("below"))
    direct = narrow.issue("signer", "CN=x", key("x").public_key(), at=NOW - 9 * DAY)
    deep = below.issue("signer", "CN=x", key("x").public_key(), at=NOW - 9 * DAY)
    assert anchored(direct, narrow.certificate) == (PASSED, "anchored")
    assert anchored(deep, below.certificate, narrow.certificate) == (FAILED, "path_length_exceeded")


def test_the_path_length_of_an_anchor_is_kept() -> None:
    narrow = LocalCA.create_root("CN=narrow root", at=NOW - 9 * DAY, path_length=0, key=key("narrow root"))
    below = narrow.subordinate("CN=below", at=NOW - 9 * DAY, key=key("below"))
    deep = below.issue("signer", "CN=x", key("x").public_key(), at=NOW - 9 * DAY)
    trust = TrustStore([narrow.certificate])
    assert anchored(below.certificate, trust=trust) == (PASSED, "anchored")
    assert anchored(deep, below.certificate, trust=trust) == (FAILED, "path_length_exceeded")


def test_an_unknown_critical_extension_is_refused_wherever_it_stands() -> None:
    strange = extension("1.2.3.4", b"x", critical=True)
    on_leaf = under(authority(), "x", extensions=[strange]).certificate()
    result = judged(on_leaf)
    assert (result.anchored.outcome, result.anchored.reason) == (FAILED, "unknown_critical_extension")
    assert "1.2.3.4" in result.anchored.message.en
    on_ca = ca_draft("strange", root(), *CA_RIGHTS, strange)
    assert anchored(child_of("strange"), on_ca) == (FAILED, "unknown_critical_extension")


def test_an_unknown_extension_that_is_not_critical_is_passed_over() -> None:
    harmless = under(authority(), "x", extensions=[extension("1.2.3.4", b"x")]).certificate()
    assert anchored(harmless) == (PASSED, "anchored")


def _only_below(directory: bytes) -> bytes:
    """nameConstraints: permitted subtrees are this directory alone."""
    return extension("2.5.29.30", sequence(context(0, sequence(context(4, directory)))), critical=True)


def test_constraints_on_names_are_kept() -> None:
    allowed = Name.build([("C", "CN"), ("O", "allowed")])
    limited = ca_draft("limited", root(), *CA_RIGHTS, _only_below(allowed.raw))
    inside = Name.build([("C", "CN"), ("O", "allowed"), ("CN", "x")])
    outside = Name.build([("C", "CN"), ("O", "other"), ("CN", "x")])
    for name, expected in ((inside, (PASSED, "anchored")), (outside, (FAILED, "path_invalid"))):
        child = Draft(issuer=limited.subject.raw, signer=key("limited"), subject=name.raw).certificate()
        assert anchored(child, limited) == expected
        # the same limits hold when the limited CA is itself the anchor
        assert anchored(child, trust=TrustStore([limited])) == expected


def test_a_long_chain_is_given_up_and_a_chain_at_the_limit_is_not() -> None:
    ca = root()
    chain: list[Certificate] = []
    for number in range(40):
        ca = ca.subordinate(f"CN=level {number}", at=NOW - 9 * DAY, key=key(f"level {number}"))
        chain.append(ca.certificate)
    assert anchored(chain[14], *chain[:14]) == (PASSED, "anchored")
    assert anchored(chain[15], *chain[:15]) == (UNKNOWN, "path_too_long")
    assert anchored(chain[-1], *chain) == (UNKNOWN, "path_too_long")


def test_a_maze_of_cross_certificates_is_given_up_in_time() -> None:
    """Three keys of one name certify each other at many levels: the paths are beyond counting."""
    names = [f"CN=maze {level}" for level in range(12)]
    maze: list[Certificate] = []
    for level in range(1, 12):
        for _ in range(4):
            issuer_key, own = key(f"maze {level - 1}"), key(f"maze {level}")
            maze.append(
                Draft(
                    issuer=Name.from_text(names[level - 1]).raw,
                    subject=Name.from_text(names[level]).raw,
                    signer=issuer_key,
                    public_key=own.public_key(),
                    serial=integer(len(maze) + 1),
                    extensions=CA_RIGHTS,
                ).certificate()
            )
    assert len(maze) == 44
    assert anchored(maze[-1], *maze[:-1]) == (UNKNOWN, "path_search_exhausted")


def test_more_intermediates_than_allowed_are_not_searched() -> None:
    result = validate_chain(
        leaf(),
        trust=TrustStore([root().certificate]),
        at=NOW,
        intermediates=[authority().certificate, authority("别的").certificate],
        limits=Asn1Limits(certificates=1),
    )
    assert result.anchored.reason == "path_search_exhausted"


def test_certificates_that_issue_each_other_lead_nowhere() -> None:
    names = [Name.from_text("CN=a").raw, Name.from_text("CN=b").raw]
    ring = [
        Draft(
            subject=names[n],
            issuer=names[1 - n],
            public_key=key("ab"[n]).public_key(),
            signer=key("ba"[n]),
            extensions=CA_RIGHTS,
        ).certificate()
        for n in (0, 1)
    ]
    assert anchored(ring[0], *ring)[0] is UNKNOWN
    below = Draft(issuer=names[0], signer=key("a"), subject=Name.from_text("CN=x").raw).certificate()
    assert anchored(below, *ring) == (UNKNOWN, "chain_goes_round")


def test_the_way_through_a_renewed_ca_that_is_in_force_counts() -> None:
    old = root().issue(
        "ca", authority().certificate.subject, authority().certificate.public_key, at=NOW - 900 * DAY, days=30
    )
    for order in ((old, authority().certificate), (authority().certificate, old)):
        result = judged(leaf(), *order)
        assert result.path[1] == authority().certificate
        assert result.outcome is PASSED
    assert judged(leaf(), old).validity.reason == "issuer_expired"


def test_a_root_certified_across_is_a_way_too() -> None:
    other = root("外人")
    across = other.issue("ca", root().certificate.subject, root().certificate.public_key, at=NOW - 9 * DAY)
    result = judged(leaf(), authority().certificate, across, trust=TrustStore([other.certificate]))
    assert result.path == (leaf(), authority().certificate, across, other.certificate)


# other algorithms


Sha2 = hashes.SHA256 | hashes.SHA384 | hashes.SHA512


def classic(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, digest: Sha2) -> tuple[Certificate, Certificate]:
    """A root and a leaf of RSA or ECDSA."""
    made: list[Certificate] = []
    for name in ("root", "leaf"):
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")]))
            .public_key(private.public_key())
            .serial_number(len(name) + len(made))
            .not_valid_before(NOW - DAY)
            .not_valid_after(NOW + DAY)
            .add_extension(x509.BasicConstraints(name == "root", None), critical=True)
            .sign(private, digest)
        )
        made.append(Certificate.parse(built.public_bytes(Encoding.DER)))
    return made[0], made[1]


def test_chains_of_rsa_and_ecdsa_are_validated_too() -> None:
    for private in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        several: tuple[Sha2, ...] = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
        for digest in several:
            top, bottom = classic(private, digest)
            assert anchored(bottom, trust=TrustStore([top])) == (PASSED, "anchored")


def test_weak_and_unknown_algorithms_do_not_anchor() -> None:
    top, bottom = classic(rsa.generate_private_key(65537, 1024), hashes.SHA256())
    assert anchored(bottom, trust=TrustStore([top])) == (FAILED, "weak_algorithm")
    sha1 = sequence(oid("1.2.840.113549.1.1.5"), null())
    weak = under(authority(), "x", inner_algorithm=sha1, outer_algorithm=sha1).certificate()
    assert anchored(weak) == (FAILED, "weak_algorithm")
    strange = sequence(oid("1.2.3.4"))
    unknown = under(authority(), "x", inner_algorithm=strange, outer_algorithm=strange).certificate()
    assert anchored(unknown) == (UNKNOWN, "algorithm_not_supported")
    ecdsa = sequence(oid("1.2.840.10045.4.3.2"))
    mixed = under(authority(), "x", inner_algorithm=ecdsa, outer_algorithm=ecdsa).certificate()
    assert anchored(mixed)[0] is not PASSED
    sm2_by_rsa = Draft(issuer=top.subject.raw, subject=Name.from_text("CN=x").raw).certificate()
    strong, _ = classic(rsa.generate_private_key(65537, 2048), hashes.SHA256())
    assert anchored(sm2_by_rsa, trust=TrustStore([strong])) == (FAILED, "signature_wrong")


def test_an_issuer_whose_key_is_no_point_leaves_the_chain_undecided() -> None:
    info = bytearray(key("broken").public_key().to_der())
    info[-1] ^= 1
    broken = under(root(), "broken", public_key_info=bytes(info), extensions=CA_RIGHTS).certificate()
    assert anchored(child_of("broken"), broken) == (UNKNOWN, "key_unreadable")


# dates


@pytest.mark.parametrize(
    ("at", "outcome", "reason"),
    [
        (leaf().not_before, PASSED, "within_dates"),
        (leaf().not_after, PASSED, "within_dates"),
        (leaf().not_before - timedelta(seconds=1), FAILED, "not_yet_valid"),
        (leaf().not_after + timedelta(seconds=1), FAILED, "expired"),
    ],
)
def test_dates_are_judged_apart_from_anchoring(at: datetime, outcome: Outcome, reason: str) -> None:
    result = judged(leaf(), at=at)
    assert (result.validity.outcome, result.validity.reason) == (outcome, reason)
    assert result.anchored.outcome is PASSED


@pytest.mark.parametrize(
    ("at", "reason"),
    [(NOW - 100 * DAY, "issuer_not_yet_valid"), (NOW + 10 * DAY, "issuer_expired")],
)
def test_a_ca_out_of_its_dates_is_told_apart_from_the_leaf(at: datetime, reason: str) -> None:
    short = root().subordinate("CN=short", at=NOW - 50 * DAY, days=51, key=key("short"))
    below = short.issue("signer", "CN=x", key("x").public_key(), at=NOW - 200 * DAY, days=1000)
    result = judged(below, short.certificate, at=at)
    assert (result.validity.outcome, result.validity.reason) == (FAILED, reason)
    assert "short" in result.validity.message.en
    assert result.anchored.outcome is PASSED


def test_the_dates_of_the_anchor_count_as_well() -> None:
    result = judged(root().certificate, trust=TrustStore([root().certificate]), at=NOW + 9000 * DAY)
    assert result.validity.reason == "expired"
    late = authority().issue("signer", "CN=late", key("x").public_key(), at=NOW, days=9000)
    far = judged(late, at=NOW + 4500 * DAY)
    assert far.validity.reason == "issuer_expired"


def test_dates_are_told_for_a_certificate_without_a_chain() -> None:
    result = judged(leaf(), trust=TrustStore(), at=NOW + 900 * DAY)
    assert (result.validity.reason, result.outcome) == ("expired", FAILED)


# uses


@pytest.mark.parametrize("kind", ["seal_maker", "signer", "tsa", "ocsp"])
def test_certificates_for_signing_may_sign(kind: str) -> None:
    assert judged(leaf(kind, kind=kind), usage=SIGNING).usage.reason == "usage_fits"


@pytest.mark.parametrize("kind", ["encryption", "ca"])
def test_certificates_for_something_else_may_not_sign(kind: str) -> None:
    result = judged(leaf(kind, kind=kind), usage=SIGNING)
    assert (result.usage.outcome, result.usage.reason) == (FAILED, "key_usage_wrong")
    assert result.anchored.outcome is PASSED
    assert result.outcome is FAILED


def test_one_of_several_uses_is_enough() -> None:
    assert judged(leaf(), usage=frozenset({"digitalSignature", "keyCertSign"})).usage.outcome is PASSED
    assert judged(leaf(), usage=frozenset({"keyCertSign"})).usage.outcome is FAILED


def test_a_key_that_may_do_nothing_may_not_sign() -> None:
    nothing = under(authority(), "x", extensions=[extension("2.5.29.15", b"\x03\x01\x00")]).certificate()
    assert judged(nothing, usage=SIGNING).usage.reason == "key_usage_wrong"


def test_a_certificate_without_key_usage_is_not_restricted() -> None:
    free = under(authority(), "x").certificate()
    assert judged(free, usage=SIGNING).usage.reason == "usage_not_restricted"
    assert judged(free).usage.outcome is SKIPPED
    assert judged(free, extended_usage=TIME_STAMPING).usage.reason == "extended_key_usage_wrong"


def test_a_purpose_must_be_stated() -> None:
    assert judged(leaf("tsa", kind="tsa"), extended_usage=TIME_STAMPING).usage.reason == "usage_fits"
    for certificate, purpose in ((leaf(), TIME_STAMPING), (leaf("tsa", kind="tsa"), OCSP_SIGNING)):
        assert judged(certificate, extended_usage=purpose).usage.reason == "extended_key_usage_wrong"
    anything = under(authority(), "x", extensions=[extension("2.5.29.37", sequence(oid("2.5.29.37.0")))]).certificate()
    assert judged(anything, extended_usage=TIME_STAMPING).usage.outcome is FAILED


# mistakes of the caller


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        judged(leaf(), at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("usage", [frozenset({"signing"}), frozenset({"digital_signature"}), frozenset()])
def test_an_unknown_use_is_refused(usage: frozenset[str]) -> None:
    with pytest.raises(ValueError, match="usage"):
        judged(leaf(), usage=usage)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="revocation"):
        validate_chain(leaf(), trust=TrustStore(), at=NOW, revocation="maybe")  # type: ignore[arg-type]  # the point


# what the validating library cannot read


def named(*values: tuple[str, bytes]) -> bytes:
    return sequence(*(set_of(sequence(oid(kind), value)) for kind, value in values))


UNREADABLE_NAMES = {
    "x500UniqueIdentifier as text": named(("2.5.4.45", utf8_string("330000")), ("2.5.4.3", utf8_string("signer"))),
    "octets that are no ASCII": named(("2.5.4.3", encode_tlv(0x16, "某局".encode("gb18030")))),
    "octets that are no UTF-8": named(("2.5.4.3", encode_tlv(0x0C, b"\xd6\xd0\xce"))),
    "a number for a name": named(("2.5.4.3", integer(5))),
    "an odd number of octets": named(("2.5.4.3", encode_tlv(0x1E, b"odd"))),
}


@pytest.mark.parametrize("case", UNREADABLE_NAMES)
def test_a_signer_whose_name_the_library_cannot_read_is_validated_all_the_same(case: str) -> None:
    odd = under(authority(), "x", subject=UNREADABLE_NAMES[case], extensions=CA_RIGHTS[1:]).certificate()
    standin = stand_in(odd)
    assert isinstance(standin, Standin)
    assert standin.renamed
    result = judged(odd)
    assert result.path == (odd, authority().certificate, root().certificate)
    forged = under(authority(), "x", subject=UNREADABLE_NAMES[case], signer=key("nobody")).certificate()
    assert anchored(forged) == (FAILED, "signature_wrong")


@pytest.mark.parametrize("case", UNREADABLE_NAMES)
def test_a_ca_whose_name_the_library_cannot_read_issues_all_the_same(case: str) -> None:
    name = UNREADABLE_NAMES[case]
    odd = under(root(), "odd", subject=name, extensions=CA_RIGHTS).certificate()
    child = Draft(issuer=name, signer=key("odd"), subject=Name.from_text("CN=child").raw).certificate()
    assert judged(child, odd).path == (child, odd, root().certificate)
    assert judged(child, trust=TrustStore([odd])).path == (child, odd)
    not_ca = under(root(), "odd", subject=name).certificate()
    assert anchored(child, not_ca) == (FAILED, "not_a_ca")
    narrow = extension("2.5.29.19", sequence(boolean(True), integer(0)), critical=True)
    limited = under(root(), "limited", extensions=[narrow, CA_RIGHTS[1]]).certificate()
    below = Draft(
        issuer=limited.subject.raw,
        signer=key("limited"),
        subject=name,
        public_key=key("odd").public_key(),
        extensions=CA_RIGHTS,
    ).certificate()
    assert anchored(child, below, limited) == (FAILED, "path_length_exceeded")


def test_a_name_that_cannot_be_read_is_never_inside_constraints() -> None:
    limited = ca_draft("limited", root(), *CA_RIGHTS, _only_below(Name.build([("C", "CN")]).raw))
    for name in UNREADABLE_NAMES.values():
        child = Draft(issuer=limited.subject.raw, signer=key("limited"), subject=name).certificate()
        for trust in (None, TrustStore([limited])):
            assert anchored(child, limited, trust=trust) == (UNKNOWN, "certificate_unreadable_by_path_validator")


def test_other_names_that_cannot_be_read_are_never_inside_constraints() -> None:
    """Left out of what the library sees, they would escape the limits that their CA was given."""
    allowed = Name.build([("C", "CN")])
    limited = ca_draft("limited", root(), *CA_RIGHTS, _only_below(allowed.raw))
    inside = Name.build([("C", "CN"), ("CN", "x")])
    broken = extension("2.5.29.17", sequence(null()))
    child = Draft(issuer=limited.subject.raw, signer=key("limited"), subject=inside.raw, extensions=[broken])
    for trust in (None, TrustStore([limited])):
        undecided = anchored(child.certificate(), limited, trust=trust)
        assert undecided == (UNKNOWN, "certificate_unreadable_by_path_validator")


HARMLESS = [
    extension("2.5.29.17", sequence(null())),  # GeneralNames that are none
    extension("2.5.29.31", b"\x30\x03\x02\x01"),
    extension("1.3.6.1.5.5.7.1.1", null()),
    extension("2.5.29.14", null()),
]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_a_broken_extension_about_nothing_does_not_stop_validation(harmless: bytes) -> None:
    odd = under(authority(), "x", extensions=[harmless]).certificate()
    assert anchored(odd) == (PASSED, "anchored")
    critical = harmless.replace(b"\x04", b"\x01\x01\xff\x04", 1)
    grown = bytes((critical[0], critical[1] + 3)) + critical[2:]
    assert anchored(under(authority(), "x", extensions=[grown]).certificate())[0] is not PASSED


@pytest.mark.parametrize("kind", ["2.5.29.30", "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"])
def test_a_broken_extension_that_decides_leaves_the_chain_undecided(kind: str) -> None:
    broken = extension(kind, b"\x30\x05broken"[:4])
    on_leaf = under(authority(), "x", extensions=[broken]).certificate()
    assert anchored(on_leaf) == (UNKNOWN, "certificate_unreadable_by_path_validator")
    on_ca = ca_draft("odd", root(), *CA_RIGHTS, broken)
    assert anchored(child_of("odd"), on_ca) == (UNKNOWN, "certificate_unreadable_by_path_validator")
    assert anchored(child_of("odd"), trust=TrustStore([on_ca])) == (UNKNOWN, "certificate_unreadable_by_path_validator")


def test_constraints_on_kinds_of_names_that_are_not_compared_are_never_passed_over() -> None:
    strange = extension("2.5.29.30", sequence(context(0, sequence(context(3, sequence())))), critical=True)
    limited = ca_draft("limited", root(), *CA_RIGHTS, strange)
    assert anchored(child_of("limited"), limited)[0] is not PASSED
    assert anchored(child_of("limited"), trust=TrustStore([limited]))[0] is not PASSED


def test_basic_constraints_with_the_default_written_out_are_read() -> None:
    written = under(authority(), "x", extensions=[extension("2.5.29.19", sequence(boolean(False)))]).certificate()
    assert "basic_constraints_default_written" in written.leniencies
    assert anchored(written) == (PASSED, "anchored")


def test_a_stand_in_keeps_unknown_critical_extensions() -> None:
    odd = under(
        authority(),
        "x",
        subject=UNREADABLE_NAMES["x500UniqueIdentifier as text"],
        extensions=[extension("1.2.3.4", b"x", critical=True)],
    ).certificate()
    assert anchored(odd) == (FAILED, "unknown_critical_extension")


# the library and its surroundings


@pytest.mark.parametrize("place", ["async_validate_path", "_Registry.find_potential_issuers"])
def test_an_error_of_the_library_leaves_the_chain_undecided(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: object) -> None:
        raise TypeError("unforeseen")

    monkeypatch.setattr(f"{_path.__name__}.{place}", failing)
    result = judged(leaf())
    assert (result.anchored.outcome, result.anchored.reason) == (
        UNKNOWN,
        "certificate_unreadable_by_path_validator",
    )
    assert "unforeseen" in result.anchored.message.en


def test_the_second_look_refuses_what_the_library_lets_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lenient(*args: object) -> None:
        return None

    monkeypatch.setattr(_path, "async_validate_path", lenient)
    assert anchored(leaf()) == (PASSED, "anchored")
    not_ca = ca_draft("not ca", root(), CA_RIGHTS[1])
    assert anchored(child_of("not ca"), not_ca) == (FAILED, "not_a_ca")


def test_a_certificate_that_no_stand_in_helps_is_left_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(seen: object) -> None:
        raise ValueError("never\nreadable")

    monkeypatch.setattr(_standin, "_touch", failing)
    assert anchored(leaf()) == (UNKNOWN, "certificate_unreadable_by_path_validator")


def test_validation_that_would_wait_is_refused() -> None:
    async def waiting() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited"):
        _path._run_to_end(waiting())


def test_validation_works_inside_of_a_running_event_loop() -> None:
    async def asking() -> Outcome:
        return judged(leaf()).anchored.outcome

    assert asyncio.run(asking()) is PASSED


def test_the_judge_takes_only_certificates_of_its_search_and_good_signatures() -> None:
    trust = TrustStore([root().certificate])
    search = _path._Search(leaf(), trust, Edges(trust._signatures))
    assert search.register((authority().certificate,))
    judge = _path._Judge(search)
    seen = search.standin_of_leaf()
    algorithm = seen["signature_algorithm"]
    tbs, signature_value = _path._key_of(seen)
    judge.validate_signature(signature_value, tbs, _key(authority().certificate), algorithm)
    with pytest.raises(InvalidSignature):
        judge.validate_signature(signature_value, tbs, _key(root().certificate), algorithm)
    with pytest.raises(InvalidSignature):
        judge.validate_signature(signature_value, tbs + b"!", _key(authority().certificate), algorithm)


def _key(certificate: Certificate) -> asn1_keys.PublicKeyInfo:
    return asn1_keys.PublicKeyInfo.load(certificate.public_key_info)


def test_a_path_is_looked_at_a_second_time() -> None:
    edges = Edges(TrustStore()._signatures)
    good = (leaf(), authority().certificate, root().certificate)
    assert fault_of(good, edges) is None
    assert fault_of((leaf(),), edges) is None
    crossed = fault_of((leaf(), root().certificate), edges)
    assert crossed is not None
    assert crossed.reason == "signature_wrong"


def test_many_anchors_of_one_name_are_given_up_in_time() -> None:
    name = root().certificate.subject.raw
    anchors = [
        Draft(
            subject=name,
            issuer=name,
            serial=integer(number + 1),
            public_key=key(f"many {number}").public_key(),
            signer=key("many 0"),
            extensions=CA_RIGHTS,
        ).certificate()
        for number in range(100)
    ]
    unmarked = under(root(), "x").certificate()
    assert anchored(unmarked, trust=TrustStore(anchors)) == (UNKNOWN, "path_search_exhausted")
    assert anchored(unmarked, trust=TrustStore([root().certificate, *anchors])) == (PASSED, "anchored")


def test_of_many_good_paths_a_few_are_enough() -> None:
    renewed = [
        root().issue("ca", authority().certificate.subject, authority().certificate.public_key, at=NOW - DAY)
        for _ in range(12)
    ]
    result = judged(leaf(), *renewed)
    assert result.anchored.outcome is PASSED
    assert result.path[1] in renewed


# hostile octets


@given(st.integers(min_value=0, max_value=8 * len(leaf().raw) - 1))
def test_no_turned_bit_is_ever_anchored(bit: int) -> None:
    try:
        changed = Certificate.parse(flipped(leaf().raw, bit))
    except InputError:
        return
    result = judged(changed, trust=_SHARED)
    assert result.anchored.outcome is not PASSED
    assert result.outcome is not PASSED


@given(st.integers(min_value=0, max_value=8 * len(authority().certificate.raw) - 1))
def test_no_turned_bit_in_a_ca_is_ever_on_a_path(bit: int) -> None:
    try:
        changed = Certificate.parse(flipped(authority().certificate.raw, bit))
    except InputError:
        return
    assert judged(leaf(), changed, trust=_SHARED).anchored.outcome is not PASSED


@given(st.integers(min_value=0, max_value=8 * len(root().certificate.raw) - 1))
def test_a_turned_bit_in_the_anchor_gives_a_result(bit: int) -> None:
    try:
        trust = TrustStore([Certificate.parse(flipped(root().certificate.raw, bit))])
    except InputError:
        return
    assert judged(leaf(), trust=trust).anchored.outcome in Outcome


@given(
    st.sampled_from(["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.35"]),
    st.binary(max_size=24),
)
def test_any_octets_in_an_extension_of_a_genuine_chain_give_a_result(kind: str, value: bytes) -> None:
    try:
        odd = ca_draft("odd", root(), *(e for e in CA_RIGHTS if oid(kind) not in e), extension(kind, value))
    except InputError:
        return
    for chain in (judged(odd, trust=_SHARED), judged(child_of("odd"), odd, trust=_SHARED)):
        assert chain.anchored.outcome in Outcome


@given(st.binary(min_size=1, max_size=24), st.sampled_from([0x03, 0x0C, 0x13, 0x14, 0x16, 0x1C, 0x1E]))
def test_any_octets_in_a_name_of_a_genuine_chain_give_a_path(octets: bytes, tag: int) -> None:
    try:
        odd = under(authority(), "x", subject=named(("2.5.4.3", encode_tlv(tag, octets)))).certificate()
    except InputError:
        return
    assert judged(odd, trust=_SHARED).anchored.outcome is PASSED


_SHARED = TrustStore([root().certificate])


def test_an_extension_of_nothing_is_an_extension() -> None:
    assert (
        anchored(under(authority(), "x", extensions=[extension("1.2.3", octet_string(b""))]).certificate())[0] is PASSED
    )
