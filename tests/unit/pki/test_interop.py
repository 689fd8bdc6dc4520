"""Certificates and messages that others made, with the answers that were found for them elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from egov_sdk.crypto.pem import read_pem
from egov_sdk.pki import Certificate, ChainResult, TrustStore, load_certificates, validate_chain
from egov_sdk.pki.chain import TIME_STAMPING
from egov_sdk.pki.cms import parse_signed_data, verify_signer
from egov_sdk.pki.ocsp import OcspResponse
from egov_sdk.pki.timestamp import parse_token, verify_token
from egov_sdk.report import Outcome
from tests.interop_data import interop

from .world import DAY

PASSED, FAILED, UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN
AT = datetime(2026, 12, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def octets(*parts: str) -> bytes:
    return interop("pki", *parts).read_bytes()


def certificate(*parts: str) -> Certificate:
    return load_certificates(octets(*parts))[0]


def tongsuo(name: str) -> Certificate:
    return certificate("generated", "tongsuo", name)


# the national root


def operating_cas() -> list[Path]:
    return sorted(interop("pki", "nrcac", "operating-cas").glob("*.crt"))


def test_every_operating_ca_under_the_national_root_is_anchored_and_no_other() -> None:
    trust = TrustStore.from_pem(octets("nrcac", "ROOTCA.pem"))
    (national,) = trust.anchors
    assert national.serial_number == 0x69E2FEC0170AC67B
    assert national.subject_key_id == bytes.fromhex("4c32b197d9331bc4a605c1c6e58b625bf0977658")
    counted = {PASSED: 0, UNKNOWN: 0}
    for path in operating_cas():
        (ca,) = load_certificates(path.read_bytes())
        assert ca.serial_number == int(path.stem, 16)
        assert ca.leniencies == ()
        result = validate_chain(ca, trust=trust, at=ca.not_before + DAY, usage=frozenset({"keyCertSign"}))
        counted[result.anchored.outcome] += 1
        below = ca.issuer == national.subject
        assert result.anchored.reason == ("anchored" if below else "issuer_not_found"), path.name
        if below:
            assert result.outcome is PASSED, path.name
        else:
            assert result.anchored.evidence["issuer"].startswith(("CN=Civil Servant ROOT", "CN=Device ROOT"))
            assert result.outcome is UNKNOWN
    assert counted[PASSED] + counted[UNKNOWN] == len(operating_cas())
    assert counted[PASSED] > counted[UNKNOWN] > 0


def test_the_national_root_is_nobody_without_being_trusted() -> None:
    national = certificate("nrcac", "ROOTCA.pem")
    other = TrustStore([tongsuo("ca.crt")])
    assert validate_chain(national, trust=other, at=AT).anchored.reason == "self_signed"


# certificates from everywhere


def every_certificate() -> list[Certificate]:
    """All certificates of the folder, those inside of sealed documents too."""
    found: dict[bytes, Certificate] = {}
    for path in sorted(interop("pki").rglob("*")):
        if path.suffix in (".pem", ".crt") and b"BEGIN CERTIFICATE-" in (data := path.read_bytes()):
            found.update((each.raw, each) for each in load_certificates(data))
    for path in sorted(interop("ofd").iterdir()):
        for data in _values(path):
            for match in re.finditer(rb"\x30\x82(..)\x30\x82..\xa0\x03\x02\x01\x02\x02", data, re.DOTALL):
                der = data[match.start() : match.start() + 4 + int.from_bytes(match[1], "big")]
                found[der] = Certificate.parse(der)
    return list(found.values())


def _values(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if not data.startswith(b"PK"):
        return [data]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [package.read(name) for name in package.namelist() if name.endswith((".dat", ".esl"))]


def test_every_certificate_of_the_folder_is_read() -> None:
    everything = every_certificate()
    assert len(everything) > 60
    for each in everything:
        assert each.subject.text
        assert each.public_key.point in each.public_key_info
    unusual = {code for each in everything for code in each.leniencies}
    assert unusual == {"serial_not_positive", "key_algorithm_is_curve"}


def test_certificates_of_tongsuo_with_the_curve_as_key_algorithm_make_a_chain() -> None:
    root, signed = certificate("tongsuo", "sm2-root-cert.pem"), certificate("tongsuo", "sm2-cert.pem")
    assert (root.subject, root.leniencies) == (signed.subject, ("key_algorithm_is_curve",))
    result = validate_chain(signed, trust=TrustStore([root]), at=signed.not_before)
    assert (result.outcome, result.path) == (PASSED, (signed, root))
    assert validate_chain(root, trust=TrustStore([tongsuo("ca.crt")]), at=AT).anchored.reason == "self_signed"


def test_certificates_that_were_signed_without_z_are_not_taken() -> None:
    root, signed = certificate("tongsuo", "sm2-noza-root-cert.pem"), certificate("tongsuo", "sm2-noza-cert.pem")
    for each in (signed, root):
        result = validate_chain(each, trust=TrustStore([tongsuo("ca.crt")]), at=AT, intermediates=[root])
        assert result.anchored.outcome is not PASSED
    under_it = validate_chain(signed, trust=TrustStore([root]), at=AT)
    assert (under_it.anchored.outcome, under_it.anchored.reason) == (FAILED, "signature_wrong")


def test_a_certificate_with_a_negative_serial_number_is_validated() -> None:
    odd = [each for each in every_certificate() if "serial_not_positive" in each.leniencies]
    for each in odd:
        result = validate_chain(each, trust=TrustStore([tongsuo("ca.crt")]), at=AT)
        assert result.anchored.outcome is not PASSED
        assert validate_chain(each, trust=TrustStore([each]), at=AT).anchored.outcome is PASSED


# Tongsuo


def lab(name: str, **more: frozenset[str] | str) -> ChainResult:
    trust = TrustStore([tongsuo("ca.crt")])
    response = octets("generated", "tongsuo", "ocsp.resp")
    return validate_chain(tongsuo(name), trust=trust, at=AT, ocsps=[response], **more)  # type: ignore[arg-type]  # as given


def test_the_lab_chain_is_good_and_its_response_is_believed() -> None:
    good = lab("sign.crt", usage=frozenset({"digitalSignature"}))
    assert (good.outcome, good.revocation.reason) == (PASSED, "not_revoked")
    gone = lab("enc.crt", usage=frozenset({"keyEncipherment"}))
    assert (gone.revocation.outcome, gone.revocation.reason) == (FAILED, "revoked")
    assert gone.revoked_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert lab("enc.crt", usage=frozenset({"digitalSignature"})).usage.reason == "key_usage_wrong"
    assert lab("tsa.crt", extended_usage=TIME_STAMPING).usage.outcome is PASSED


def test_the_labs_responder_is_the_one_that_the_response_names() -> None:
    response = OcspResponse.parse(octets("generated", "tongsuo", "ocsp.resp"))
    assert response.is_by(tongsuo("ocsp.crt"))
    assert [(status.serial_number, status.state) for status in response.statuses] == [(11, "good"), (12, "revoked")]


def test_identity_numbers_are_kept_as_extensions() -> None:
    code = tongsuo("sign.crt").extension("1.2.156.10260.4.1.4")
    assert code is not None
    assert code.value == b"\x13\x1291330000MA0000000X"


# messages


def message_facts(
    parts: tuple[str, ...], *, accept: str = "standard", content: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    data = octets(*parts)
    message = parse_signed_data(read_pem(data)[0].der if data.startswith(b"-----") else data)
    (signer,) = message.signers
    facts = verify_signer(message, signer, content=octets(*content) if content else None, accept=frozenset({accept}))
    return facts.outcome.value, str(facts.dialect), str(facts.form), *facts.leniencies


def test_a_message_of_cfca_verifies_over_its_content() -> None:
    sadk = ("sadk_p7_attach.p7b",)
    assert message_facts(sadk) == ("passed", "standard", "der")
    assert message_facts(sadk, content=("sadk_p7_content.bin",)) == ("passed", "standard", "der")
    assert parse_signed_data(octets(*sadk)).content == b"Hello Secret World!"


def test_messages_of_tongsuo_verify_each_in_its_dialect() -> None:
    usual = ("generated", "tongsuo", "cms_attr.p7")
    assert message_facts(usual, content=("generated", "tongsuo", "c.bin")) == (
        "passed",
        "standard",
        "der",
        "signature_algorithm_not_301_1",
    )
    bare = ("generated", "tongsuo", "cms_noattr.p7")
    assert message_facts(bare)[:2] == ("failed", "sm3_without_z")
    assert message_facts(bare, accept="sm3_without_z")[0] == "passed"


def test_the_message_of_gmssl_is_told_by_its_dialect() -> None:
    odd = ("generated", "gmssl", "cms_signed_nonstandard.pem")
    assert message_facts(odd)[:2] == ("failed", "sm3_without_z_of_content_info")
    assert message_facts(odd, accept="sm3_without_z_of_content_info")[0] == "passed"


def test_a_file_of_certificates_alone_is_read() -> None:
    names = [each.subject.common_name for each in load_certificates(octets("gmssl_cn_chain.p7b.pem"))]
    assert names == ["RootCA for Test", "MiddleCA for Test"]
    root, middle = load_certificates(octets("gmssl_cn_chain.p7b.pem"))
    assert validate_chain(middle, trust=TrustStore([root]), at=middle.not_before).anchored.outcome is PASSED


# time stamps


@pytest.mark.parametrize("name", ["ts_sm3.tsr", "ts_sha256.tsr"])
def test_a_stamp_of_tongsuo_verifies(name: str) -> None:
    token = parse_token(octets("generated", "tongsuo", name))
    content = octets("generated", "tongsuo", "ts_content.bin")
    facts = verify_token(token, imprint_of=content)
    assert facts.outcome is PASSED
    assert facts.certificate == tongsuo("tsa.crt")
    assert "response_instead_of_token" in facts.leniencies
    assert verify_token(token, imprint_of=content + b"!").imprint.reason == "imprint_differs"
    chain = validate_chain(
        tongsuo("tsa.crt"),
        trust=TrustStore([tongsuo("ca.crt")]),
        at=token.gen_time,
        intermediates=token.certificates,
        extended_usage=TIME_STAMPING,
    )
    assert chain.outcome is PASSED
