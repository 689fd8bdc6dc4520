"""A browser without a screen: it walks through the provider's pages in process, for tests and demonstrations."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from egov_sdk.identity.model import AuthMethod
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.provider import IdentityProvider
from egov_sdk.identity.provider.steps import AskToAgree, AskToChoose, AskToSignIn, GoTo, SignedIn, Step

__all__ = ["QuietBrowser"]


class QuietBrowser:
    """One browser with its own session. Each walk gives the address at which the application gets its answer."""

    def __init__(self, provider: IdentityProvider, *, source: str = "") -> None:
        self._provider, self._source = provider, source
        self._browser = provider.new_secret()
        self.session: str | None = None

    def open(self, url: str) -> Step:
        """Open the address of a sign-in, as an application gives it."""
        query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        return self._provider.pages.begin(query, browser=self._browser, session=self.session)

    def sign_in(self, url: str, *, login: str, password: str, organization: str = "") -> str:
        """Sign in with name and password where that is asked for, agree to everything, and come back.

        Args:
            organization: the id of the organisation to act for, where there are several.
        Raises:
            IdentityRejected: the provider does not sign this person in.
        """
        step = self.open(url)
        if isinstance(step, AskToSignIn):
            pages = self._provider.pages
            step = self._keep(
                pages.sign_in(step.page, browser=self._browser, login=login, password=password, source=self._source)
            )
        return self._walk(step, organization)

    def sign_in_as(self, url: str, *, account: str, method: AuthMethod, organization: str = "") -> str:
        """Sign in as somebody whom other code has recognised, agree to everything, and come back.

        Raises:
            IdentityRejected: the provider does not sign this person in.
        """
        step = self.open(url)
        if isinstance(step, AskToSignIn):
            pages = self._provider.pages
            step = self._keep(pages.vouch(step.page, browser=self._browser, account=account, method=method))
        return self._walk(step, organization)

    def _keep(self, signed_in: SignedIn) -> Step:
        self.session = signed_in.session
        return signed_in.step

    def _walk(self, step: Step, organization: str) -> str:
        pages = self._provider.pages
        while not isinstance(step, GoTo):
            if isinstance(step, AskToSignIn) or self.session is None:
                raise refuse("login_required")
            if isinstance(step, AskToChoose):
                step = pages.choose(step.page, browser=self._browser, session=self.session, organization=organization)
            elif isinstance(step, AskToAgree):
                step = pages.agree(step.page, browser=self._browser, session=self.session)
        return step.url
