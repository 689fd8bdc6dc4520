"""The mathematics: is every byte that was signed still the same, and are the signatures right?"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from egov_sdk.crypto import oids, sm3
from egov_sdk.errors import InputError
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.algorithms import (
    SM2_NAMES,
    SM3_NAMES,
    SM3_WITH_Z,
    USUAL_SM2_NAMES,
    WEAK_DIGESTS,
    is_unsupported,
)
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts, ValueKind
from egov_sdk.seal._verify.seals import SealJudge
from egov_sdk.seal._verify.signer import Signatory
from egov_sdk.seal._verify.stamps import read_stamp
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.model import Leniency
from egov_sdk.seal.policy import Policy

__all__ = ["check_encoding", "check_entry", "check_lists", "check_signature"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

#: More problems of one kind with one signature tell nobody more.
SHOWN_PROBLEMS: Final = 100

# ---------------------------------------------------------------------- lists


def check_lists(facts: PackageFacts) -> Iterator[Check]:
    """Is there a signature at all, and does each entry of the lists stand for one of its own?"""
    count = len(facts.signatures)
    outcome, reason = (_PASSED, "ok") if count else (_FAILED, "not_signed")
    yield CHECKS.check("integrity.signature_present", outcome, reason, count=count)
    for document in facts.documents:
        label = f"document {document.document.index + 1}" if len(facts.documents) > 1 else ""
        if document.list_problem:
            yield CHECKS.check(
                "integrity.signature_list", _FAILED, "list_malformed", subject=label, where=document.list_problem
            )
    yield from _list_entries(facts)


def _list_entries(facts: PackageFacts) -> Iterator[Check]:
    name = "integrity.signature_list"
    problems = [CHECKS.check(name, _FAILED, "listed_twice", what=what) for what in _listed_twice(facts)]
    problems += [CHECKS.check(name, _FAILED, "entry_removed", file=file) for file in _removed(facts)]
    for document in facts.documents:
        ids = {signature.entry.id for signature in document.signatures}
        for signature in document.signatures:
            problems += check_entry(signature)
            entry, subject = signature.entry, signature.subject
            if entry.relative and entry.relative not in ids:
                problems.append(CHECKS.check(name, _FAILED, "base_missing", subject=subject, base=entry.relative))
    if not problems and not any(document.list_problem for document in facts.documents):
        problems.append(CHECKS.check(name, _PASSED, "ok"))
    yield from problems


def check_entry(signature: SignatureFacts) -> Iterator[Check]:
    """The list must call a signature what its value is, and be that of its document; nothing where it does."""
    name, subject = "integrity.signature_list", signature.subject
    actual = "Seal" if signature.kind is ValueKind.SEAL else "Sign"
    if signature.kind is not None and signature.entry.type != actual:
        words = {"listed": signature.entry.type, "actual": actual}
        yield CHECKS.check(name, _FAILED, "type_differs", subject=subject, **words)
    homes = _homes(signature)
    if homes and signature.document.index not in homes:
        yield CHECKS.check(name, _FAILED, "another_document", subject=subject, document=homes[0] + 1)


def _homes(signature: SignatureFacts) -> list[int]:
    """The documents among whose files a signature lies, by where it says itself that its value is; mostly one.

    The lists are open, so that entries could be moved between those of two documents, and seals with them.
    """
    if signature.file is None:
        return []
    folders = {one.index: f"{one.folder}/".lstrip("/") for one in signature.document.package.documents}
    around = {index: folder for index, folder in folders.items() if signature.file.value_name.startswith(folder)}
    deepest = max(map(len, around.values()), default=0)
    return [index for index, folder in around.items() if len(folder) == deepest]


def _listed_twice(facts: PackageFacts) -> list[str]:
    """IDs, files and contents that more than one entry stands on: a copy of a signature is no second one."""
    used: Counter[str] = Counter()
    for signature in facts.signatures:
        used[f"the ID {signature.subject}"] += 1
        used[f"/{signature.entry.base_name}"] += 1
        if signature.file:
            used[f"/{signature.file.value_name}"] += 1
            used[f"the description with SM3 {facts.digest(signature.file.name).hex()}"] += 1
    return [what for what, times in used.items() if times > 1]


def _removed(facts: PackageFacts) -> Iterator[str]:
    """Signatures that others protect and no list names: somebody struck them off, since the list itself may be open."""
    protected = {name for signature in facts.signatures for name in signature.covered}
    known = {signature.entry.base_name for signature in facts.signatures}
    for document in facts.documents:
        known.update(document.document.reachable())
    for name in sorted(protected - known):
        if name in facts.package:
            content = facts.package.read(name)
            if all(tag in content and mark.search(content) for tag, mark in _DESCRIPTION_MARKS.items()):
                yield name


#: What stands in every Signature.xml; none of these files is parsed for this, since there may be thousands.
_DESCRIPTION_MARKS: Final = {
    tag: re.compile(rb"<(?:[\w.-]{1,64}:)?" + tag + rb"[\s>]") for tag in (b"SignedInfo", b"SignedValue")
}


# ---------------------------------------------------------------------- one signature


def check_signature(facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory]) -> Iterator[Check]:
    """The integrity checks of one signature, but for its encoding."""
    if signature.problem is not None:
        reason, where = signature.problem
        yield CHECKS.check("integrity.signature_file", _FAILED, reason, subject=signature.subject, where=where)
        for name in _AFTER_READING:
            yield CHECKS.check(name, _UNKNOWN, "unreadable", subject=signature.subject)
        return
    yield CHECKS.check("integrity.signature_file", _PASSED, "ok", subject=signature.subject)
    yield from _algorithms(signature, signatories)
    yield from _references(facts, signature, signatories)
    yield from _value(signature, signatories)
    yield _data_hash(facts, signature, signatories)
    yield _property_info(signature)
    yield from _seal(facts, signature)
    yield _time_stamp(signature)


_AFTER_READING = (
    "integrity.algorithms",
    "integrity.references",
    "integrity.value",
    "integrity.data_hash",
    "integrity.property_info",
    "integrity.seal_maker_signature",
    "integrity.seal_picture",
    "integrity.seal_time_stamp",
    "integrity.time_stamp",
    "integrity.encoding",
)


def _algorithms(signature: SignatureFacts, signatories: list[Signatory]) -> Iterator[Check]:
    assert signature.file is not None
    name, subject = "integrity.algorithms", signature.subject
    problems = []
    digest = signature.file.check_method.strip().lower()
    if digest in WEAK_DIGESTS:
        method = signature.file.check_method or "MD5 (by default)"
        problems.append(CHECKS.check(name, _FAILED, "weak_digest", subject=subject, method=method))
    elif digest == SM3_WITH_Z:
        signature.leniencies.append(Leniency("digest_with_z", "CheckMethod", digest))
    elif digest not in SM3_NAMES:
        problems.append(CHECKS.check(name, _FAILED, "unknown_digest", subject=subject, method=digest))
    file_method = signature.file.method.strip()
    for value_method in sorted({s.algorithm for s in signatories}):
        if is_unsupported(value_method):
            problems.append(CHECKS.check(name, _UNKNOWN, "unsupported", subject=subject, method=value_method))
        elif value_method == oids.GM_SIGNED_DATA:
            signature.leniencies.append(Leniency("signed_data_oid_for_signature", "value", value_method))
        elif value_method not in USUAL_SM2_NAMES:
            problems.append(CHECKS.check(name, _FAILED, "unknown_signature", subject=subject, method=value_method))
    if not file_method:
        signature.leniencies.append(Leniency("signature_method_absent", "SignatureMethod"))
    elif file_method == oids.GM_SIGNED_DATA:
        signature.leniencies.append(Leniency("signed_data_oid_for_signature", "SignatureMethod", file_method))
    elif file_method not in SM2_NAMES:
        shown = ", ".join(sorted({s.algorithm for s in signatories})) or "nothing"
        problems.append(
            CHECKS.check(name, _FAILED, "methods_differ", subject=subject, file_method=file_method, value_method=shown)
        )
    yield from problems or [CHECKS.check(name, _PASSED, "ok", subject=subject)]


def _references(facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory]) -> Iterator[Check]:
    assert signature.file is not None
    name, subject = "integrity.references", signature.subject
    references = signature.file.references
    method = signature.file.check_method.strip().lower()
    if not references:
        yield CHECKS.check(name, _FAILED, "no_references", subject=subject)
        return
    if method not in SM3_NAMES and method != SM3_WITH_Z:
        yield CHECKS.check(name, _UNKNOWN, "no_method", subject=subject)
        return
    prefix = b""
    if method == SM3_WITH_Z:
        keys = [key for s in signatories if (key := s.key) is not None]
        prefix = keys[0].z() if keys else b""
    bad = 0
    seen: dict[str, bytes] = {}
    for reference in references:
        problem = _reference_problem(facts, signature, reference.name, reference.check_value, prefix)
        if reference.name in seen and problem is None:
            problem = CHECKS.check(name, _FAILED, "reference_conflict", subject=subject, file=reference.name)
        seen[reference.name] = reference.check_value
        if problem is not None:
            bad += 1
            yield problem
            if bad == SHOWN_PROBLEMS:
                return
    if not bad:
        yield CHECKS.check(name, _PASSED, "ok", subject=subject, count=len(references))


def _reference_problem(
    facts: PackageFacts, signature: SignatureFacts, file: str, expected: bytes, prefix: bytes
) -> Check | None:
    name, subject = "integrity.references", signature.subject
    if file not in facts.package:
        return CHECKS.check(name, _FAILED, "file_missing", subject=subject, file=file)
    found = facts.digest_behind(prefix, file) if prefix else facts.digest(file)
    if found is None:
        return CHECKS.check(name, _UNKNOWN, "too_much", subject=subject, file=file)
    if hmac.compare_digest(found, expected):
        return None
    return CHECKS.check(
        name, _FAILED, "file_changed", subject=subject, file=file, found=found.hex(), expected=expected.hex()[:128]
    )


def _value(signature: SignatureFacts, signatories: list[Signatory]) -> Iterator[Check]:
    name, subject = "integrity.value", signature.subject
    if not signatories:
        bare = signature.kind is ValueKind.BARE
        outcome, reason = (_UNKNOWN, "no_certificate") if bare else (_FAILED, "no_signer")
        yield CHECKS.check(name, outcome, reason, subject=subject)
    for signatory in signatories:
        yield CHECKS.check(
            name,
            signatory.outcome,
            signatory.reason,
            subject=subject,
            subject_name=signatory.name,
            detail=signatory.detail,
        )


def _data_hash(facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory]) -> Check:
    """A seal value holds SM3(Signature.xml); a message holds it as its content or its messageDigest."""
    assert signature.file is not None
    name, file, subject = "integrity.data_hash", signature.file.name, signature.subject
    if signature.seal_value is None:
        return _message_hash(name, file, subject, signatories)
    held, found = signature.seal_value.data_hash, facts.digest(file)
    if hmac.compare_digest(held, found):
        return CHECKS.check(name, _PASSED, "ok", subject=subject, file=file)
    key = signatories[0].key if signatories else None
    if key is not None and hmac.compare_digest(held, sm3(key.z() + signature.file.raw)):
        signature.leniencies.append(Leniency("data_hash_with_z", "dataHash"))
        return CHECKS.check(name, _PASSED, "ok_with_z", subject=subject, file=file)
    return CHECKS.check(
        name, _FAILED, "data_hash_wrong", subject=subject, file=file, found=found.hex(), expected=held.hex()[:128]
    )


def _message_hash(name: str, file: str, subject: str, signatories: list[Signatory]) -> Check:
    """What the signers of a message say of its content; a bare value holds no hash, it is over the file itself."""
    contents = [signatory.content for signatory in signatories if signatory.content is not None]
    if not contents:
        return CHECKS.check(name, _SKIPPED, "no_content", subject=subject)
    worst_one = min(contents, key=lambda content: (content.outcome is _PASSED, content.outcome is _UNKNOWN))
    reason = {_PASSED: "ok", _FAILED: "message_differs"}.get(worst_one.outcome, "no_content")
    return CHECKS.check(name, worst_one.outcome, reason, subject=subject, file=file, detail=worst_one.message.en)


def _property_info(signature: SignatureFacts) -> Check:
    """propertyInfo should name the signature file; several forms of the name are in use."""
    assert signature.file is not None
    name, file = "integrity.property_info", signature.file.name
    if signature.seal_value is None:
        return CHECKS.check(name, _SKIPPED, "not_a_seal", subject=signature.subject)
    said = signature.seal_value.property_info.strip()
    if not said:
        signature.leniencies.append(Leniency("property_info_blank", "propertyInfo"))
        return CHECKS.check(name, _PASSED, "blank", subject=signature.subject)
    if said.lstrip("/") == file:
        return CHECKS.check(name, _PASSED, "ok", subject=signature.subject, file=file)
    if file.endswith("/" + said.lstrip("./")) or f'"/{file}"' in said or f'"{file}"' in said:
        signature.leniencies.append(Leniency("property_info_form", "propertyInfo", said[:120]))
        return CHECKS.check(name, _PASSED, "ok", subject=signature.subject, file=file)
    return CHECKS.check(name, _FAILED, "names_another", subject=signature.subject, file=file, found=said[:200])


def _seal(facts: PackageFacts, signature: SignatureFacts) -> Iterator[Check]:
    if signature.seal_value is None:
        for name in ("integrity.seal_maker_signature", "integrity.seal_picture", "integrity.seal_time_stamp"):
            yield CHECKS.check(name, _SKIPPED, "not_a_seal", subject=signature.subject)
        return
    judge = SealJudge(signature.seal_value.seal, signature.subject, facts.certificate)
    yield from judge.integrity()
    signature.leniencies.extend(judge.leniencies)


def _time_stamp(signature: SignatureFacts) -> Check:
    name, subject = "integrity.time_stamp", signature.subject
    try:
        stamp = read_stamp(signature.seal_value) if signature.seal_value is not None else None
    except InputError as error:
        return CHECKS.check(name, _FAILED, "timestamp_wrong", subject=subject, detail=error.message)
    if stamp is None:
        return CHECKS.check(name, _SKIPPED, "absent", subject=subject)
    signature.leniencies.extend(stamp.leniencies)
    gen_time = stamp.token.gen_time.isoformat()
    return CHECKS.check(name, stamp.outcome, stamp.reason, subject=subject, detail=stamp.detail, gen_time=gen_time)


def check_encoding(leniencies: Iterable[Leniency], subject: str, policy: Policy) -> Check:
    """Which deviations were read past. To be asked last, because the other checks still find some."""
    name, found = "integrity.encoding", list(dict.fromkeys(leniencies))
    refused = [leniency for leniency in found if policy.refuses(leniency.code)]
    if refused:
        return CHECKS.check(name, _FAILED, "refused", subject=subject, leniencies=_listed(refused))
    reason = "leniencies" if found else "ok"
    return CHECKS.check(name, _PASSED, reason, subject=subject, count=len(found), leniencies=_listed(found))


def _listed(leniencies: list[Leniency]) -> str:
    """All kinds of deviation, and of each kind the first few places: a stranger decides how many there are."""
    shown: list[str] = []
    met: Counter[str] = Counter()
    for leniency in leniencies:
        met[leniency.code] += 1
        if met[leniency.code] <= _SHOWN_PLACES:
            shown.append(str(leniency))
    more = len(leniencies) - len(shown)
    return "; ".join([*shown, f"(+{more})"] if more else shown)


_SHOWN_PLACES = 8
