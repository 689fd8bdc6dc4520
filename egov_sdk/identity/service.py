"""What any identity platform offers to an application: sign in, say who it is, stay signed in, hand over, sign out."""

from __future__ import annotations

from typing import Literal, Protocol

from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel, Session, SignIn, Ticket, UserInfo

__all__ = ["IdentityService", "Prompt"]

#: ``login`` asks for the password or certificate again; ``none`` never shows a page and fails instead.
Prompt = Literal["login", "none"]


class IdentityService(Protocol):
    """Sign people and organisations in (统一身份认证), as one application that the platform knows.

    Every refusal is an IdentityRejected, with a code that says why. A platform that cannot be reached is a
    PlatformUnreachable, one that breaks its own rules is a PlatformRejected.
    """

    def begin(
        self,
        *,
        return_to: str = "/",
        level: IdentityLevel = IdentityLevel.NONE,
        method: AuthMethod | None = None,
        holder: HolderKind = HolderKind.NATURAL,
        prompt: Prompt | None = None,
    ) -> SignIn:
        """Begin a sign-in: send the browser to ``url``, and keep the value until the browser comes back.

        Args:
            return_to: where the application wants to go on, a path of its own such as ``/apply?step=2``.
            level: the least level that will do; a lower one is refused when the sign-in is completed.
            method: the way to sign in that the platform is asked for; None leaves it to the person.
            holder: whether a natural person or an organisation shall sign in.
        Raises:
            IdentityRejected: ``return_to`` leads out of the application.
            ValueError: ``level`` or ``method`` is UNKNOWN.
        """

    def complete(self, sign_in: SignIn, *, callback: str) -> Session:
        """Finish a sign-in with what the browser brought back.

        Args:
            callback: the address that the browser was sent to, whole or from the question mark on.
        Raises:
            IdentityRejected: the answer is to another sign-in, from another platform, too late, or a no; or what was
                signed in is of another kind or a lower level than was asked for.
            TokenRejected: the platform's token is not acceptable.
        """

    def userinfo(self, session: Session) -> UserInfo:
        """Who is signed in, as the platform knows them now.

        Raises:
            IdentityRejected: the session has ended.
        """

    def refresh(self, session: Session) -> Session:
        """Stay signed in: the session with new tokens. The old one must not be used again.

        Raises:
            IdentityRejected: the session has ended, or was refreshed before.
        """

    def logout(self, session: Session, *, return_to: str = "") -> str:
        """End the session, and say where to send the browser so that the platform forgets it too.

        Args:
            return_to: an address that the platform knows as one of the application; empty to stay at the platform.
        Returns:
            The address; empty when nothing is left to do.
        """

    def issue_ticket(self, session: Session, *, audience: str) -> Ticket:
        """A ticket with which another application, known to the platform as ``audience``, signs the same person in.

        Raises:
            IdentityRejected: the session has ended, or that application may not be entered in this way.
        """

    def redeem_ticket(self, ticket: str) -> Session:
        """Sign in with a ticket that another application has handed over.

        Raises:
            IdentityRejected: it is unknown, too old, used before, or meant for somebody else.
        """
