"""What is behind egov_sdk.crypto.jose."""
