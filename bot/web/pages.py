"""Build HTML pages, with their security headers."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote, urlsplit

from aiohttp import web

_TEMPLATES = Path(__file__).parent / "templates"
_INSTALL = Template((_TEMPLATES / "install.html").read_text(encoding="utf-8"))
_JOIN = Template((_TEMPLATES / "join.html").read_text(encoding="utf-8"))
_NOTICE = Template((_TEMPLATES / "notice.html").read_text(encoding="utf-8"))
MARK = (_TEMPLATES / "mark.svg").read_text(encoding="utf-8").strip()  # the product's logo
_ICON = f'<link rel="icon" href="data:image/svg+xml,{quote(MARK)}">'  # works under any path

HOW = "how"  # the field of a page's form

_HEADERS = {
    "Cache-Control": "no-store",  # pages may contain a token
    "Referrer-Policy": "no-referrer",  # the URL itself opens the meeting
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Link:
    """A link on a page."""

    label: str
    url: str


@dataclass(frozen=True)
class Choice:
    """A button that posts a value, in the field HOW, to the page's own URL."""

    label: str
    value: str


@dataclass(frozen=True)
class Badge:
    """The line in a page's header that says who the visitor is.

    Attributes:
        link: signs them in or out.
        text: who they are; "" if unknown.
        picture: their picture's URL; "" for none.
    """

    link: Link
    text: str = ""
    picture: str = ""


def install_page(
    permissions: Iterable[tuple[str, str]],
    command: str,
    host: str,
    authorize_url: str,
    links: Sequence[Link] = (),
) -> web.Response:
    """Return the install page: what the bot may do in a workspace, and why.

    Args:
        permissions: pairs of what the bot may do and why.
        command: the command that starts a meeting.
        host: the host name of whoever runs the bot.
        authorize_url: Slack's page, where people allow it.
        links: shown at the bottom.
    """
    more = "\n".join(f'<a href="{escape(link.url)}">{escape(link.label)}</a>' for link in links)
    rows = (f"<dt>{escape(may)}</dt><dd>{escape(why)}</dd>" for may, why in permissions)
    return _page(
        _INSTALL,
        None,
        markup={
            "permissions": "\n".join(rows),
            "links": f"<footer>\n{more}\n</footer>" if links else "",
        },
        command=command,
        host=host,
        authorize_url=authorize_url,
    )


def join_page(
    title: str, frame_url: str, note: str = "", badge: Badge | None = None, *, summary: str = ""
) -> web.Response:
    """Return the page with the meeting in a frame.

    Args:
        title: the meeting's name.
        frame_url: VideoSDK's page for the meeting; nothing else is loaded.
        note: a note above the frame, if any.
        badge: who the visitor is, if people can sign in.
        summary: the meeting's status, for link previews.
    """
    markup = {
        "note": f"<p>{escape(note)}</p>" if note else "",
        "badge": _badge(badge) if badge else "",
        "summary": _summary(title, summary),
    }
    images = _origin(badge.picture) if badge and badge.picture else ""
    return _page(
        _JOIN, _origin(frame_url), images=images, markup=markup, title=title, src=frame_url
    )


def _summary(title: str, description: str) -> str:
    """Return the meta tags for link previews: https://ogp.me, and Twitter's cards."""
    told = {"title": title, "description": description}
    graph = {"og:type": "website", "og:site_name": "Meet"}
    graph |= {f"og:{name}": text for name, text in told.items()}
    card = {"twitter:card": "summary"} | {f"twitter:{name}": text for name, text in told.items()}
    tags = [f'<meta property="{name}" content="{escape(text)}">' for name, text in graph.items()]
    tags += [f'<meta name="{name}" content="{escape(text)}">' for name, text in card.items()]
    return "\n".join(tags)


def _badge(badge: Badge) -> str:
    picture, text = escape(badge.picture), escape(badge.text)
    shown = f'<img src="{picture}" alt="" referrerpolicy="no-referrer">' if picture else ""
    shown += f'<span dir="auto">{text}</span>' if text else ""
    return f'<div>{shown}<a href="{escape(badge.link.url)}">{escape(badge.link.label)}</a></div>'


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def notice_page(  # noqa: PLR0913 - callers use keywords
    status: int,
    title: str,
    text: str,
    *,
    link: Link | None = None,
    choice: Choice | None = None,
    code: str = "",
    small: str = "",
) -> web.Response:
    """Return a page that says what happened and what to do next.

    Args:
        status: the HTTP status.
        title: what happened.
        text: what it means.
        link: a next step, as a link that looks like a button.
        choice: a next step, as a button that sends a form.
        code: a command to copy.
        small: small print.
    """
    more = f"<code>{escape(code)}</code>" if code else ""
    more += f'<a href="{escape(link.url)}">{escape(link.label)}</a>' if link else ""
    more += _form(choice) if choice else ""
    more += f"<small>{escape(small)}</small>" if small else ""
    page = _page(
        _NOTICE,
        None,
        markup={"more": more, "summary": _summary(title, text)},
        status=status,
        form_action="'self'" if choice else "'none'",
        title=title,
        text=text,
    )
    if choice:  # without a referrer, browsers send forms with `Origin: null`
        page.headers["Referrer-Policy"] = "same-origin"
    return page


def _form(choice: Choice) -> str:
    button = f'<button name="{HOW}" value="{choice.value}">{escape(choice.label)}</button>'
    return f'<form method="post">{button}</form>'


def _page(  # noqa: PLR0913 - each is named by the caller
    template: Template,
    frame: str | None,
    *,
    markup: Mapping[str, str],
    status: int = 200,
    form_action: str = "'none'",
    images: str = "",
    **words: str,
) -> web.Response:
    nonce = secrets.token_urlsafe(16)
    shown = {name: escape(word) for name, word in words.items()}
    return web.Response(
        status=status,
        text=template.substitute(shown, nonce=nonce, icon=_ICON, mark=MARK, **markup),
        content_type="text/html",
        headers=_HEADERS
        | {
            "Content-Security-Policy": _content_policy(nonce, frame, form_action, images),
            "Permissions-Policy": _permissions(frame),
        },
    )


def _content_policy(nonce: str, frame: str | None, form_action: str, images: str) -> str:
    framed, pictures = frame or "'none'", f"data: {images}".strip()
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src {pictures}; frame-src {framed}; "
        f"base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
    )


def _permissions(frame: str | None) -> str:
    """Return a policy that lets only the framed page use camera, microphone and screen."""
    allowed = f'(self "{frame}")' if frame else "()"
    return ", ".join(f"{name}={allowed}" for name in ("camera", "microphone", "display-capture"))
