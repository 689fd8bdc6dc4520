"""What tests need to be there already, made at the province's office without the line between."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.errors import InputError
from egov_sdk.license.model import License
from egov_sdk.license.samples import sample_type
from egov_sdk.platform.seeding import company_draft, person_draft
from egov_sdk.problems import shown
from egov_sdk.report import Outcome
from egov_sdk.seal.records import SealOwner, SealRecord, SealRequest
from egov_sdk.testing.world import OFFICE

if TYPE_CHECKING:
    from egov_sdk.report import Report
    from egov_sdk.testing.province import Province

__all__ = ["LicenseMaker", "SealMaker", "Verifier"]

_SPECIMEN = 20_000  # numbers before are those of people with accounts


class LicenseMaker:
    """See the fixture ``make_license``."""

    def __init__(self, province: Province) -> None:
        self._province, self._numbers = province, count(1)

    def __call__(self, kind: str = "business_permit", *, holder: str = "", code: str = "", number: str = "") -> License:
        """Issue one.

        Args:
            kind: ``business_permit`` or ``person_certificate``.
            holder, code: The holder's name and number.
            number: On the face.
        Raises:
            ValueError: there is no such kind.
        """
        index, at = next(self._numbers), self._province.clock()
        number = number or f"CS{index:06d}"
        if kind == "business_permit":
            permit = sample_type("business_permit", defined_by=OFFICE)
            made = company_draft(permit, number=number, at=at, name=holder or f"样例公司{index}", code=code)
        elif kind == "person_certificate":
            code = code or specimen_citizen_number(_SPECIMEN + index).number
            certificate = sample_type("person_certificate", defined_by=OFFICE)
            made = person_draft(certificate, number=number, at=at, name=holder or f"测试{index}", code=code)
        else:
            raise ValueError(f"no kind of licence {kind!r}: business_permit or person_certificate")
        return self._province.office.license.issue(made)


class SealMaker:
    """See the fixture ``make_seal``."""

    def __init__(self, province: Province) -> None:
        self._province, self._numbers = province, count(101)

    def __call__(self, name: str = "", *, owner: str = "", code: str = "") -> SealRecord:
        """Have one made.

        Args:
            name: As filed; the owner's by default.
            owner, code: Whose it is; the office's by default.
        """
        whose = SealOwner(name=owner or OFFICE.name, code=code or OFFICE.code)
        seal_id = f"{whose.code}{next(self._numbers)}"
        request = SealRequest(name=name or whose.name, owner=whose, seal_id=seal_id)
        return self._province.office.seal.make(request)


class Verifier:
    """See the fixture ``assert_verifies``."""

    def __init__(self, province: Province) -> None:
        self._province = province

    def __call__(self, what: License | bytes) -> Report:
        """The report, whose outcome is PASSED.

        Args:
            what: A licence; or the bytes of a document with seals.
        Raises:
            AssertionError: it does not verify, or cannot be read.
            TypeError: it is neither.
        """
        __tracebackhide__ = True
        office = self._province.office
        if not isinstance(what, License | bytes):
            raise TypeError(f"a licence is verified, or the bytes of a document, and not {shown(what)}")
        try:
            report = office.license.verify(what.file) if isinstance(what, License) else office.seal.verify(what)
        except InputError as error:
            raise AssertionError(f"it does not verify: {error}") from error
        if report.outcome is not Outcome.PASSED:
            lines = [f"{one.id}: {one.outcome.value}: {one.message}" for one in report.blocking]
            raise AssertionError("\n".join([f"it does not verify: {report.outcome.value}", *lines]))
        return report
