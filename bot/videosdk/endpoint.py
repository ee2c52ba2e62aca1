"""The API's address."""

ENDPOINT = "https://api.videosdk.live"


def base_url(endpoint: str) -> str:
    """Return the endpoint without a trailing slash or version; VideoSDK's docs vary.

    Args:
        endpoint: the API's URL, in any of their forms.
    """
    bare = endpoint.rstrip("/")
    return bare.removesuffix("/v1").removesuffix("/v2").rstrip("/")
