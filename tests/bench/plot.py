"""Draw curves as SVG, for light and dark pages."""

from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 230, 44, 48  # margins; the curves' names are on the right
LINE = 18  # distance between names
STYLE = """
  .page { fill: #ffffff } text { fill: #24292f; font: 13px system-ui, sans-serif }
  .title { font-weight: 600; font-size: 15px } .grid { stroke: #d0d7de; stroke-width: 1 }
  .c0 { stroke: #6d28d9; fill: #6d28d9 } .c1 { stroke: #b45309; fill: #b45309 }
  .c2 { stroke: #0f766e; fill: #0f766e }
  polyline { fill: none !important; stroke-width: 2.5; stroke-linejoin: round }
  text.c0, text.c1, text.c2 { stroke: none; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
    .c0 { stroke: #a78bfa; fill: #a78bfa } .c1 { stroke: #f0a35c; fill: #f0a35c }
    .c2 { stroke: #2dd4bf; fill: #2dd4bf }
  }
"""

Ticks = list[tuple[float, str]]


@dataclass(frozen=True)
class Curve:
    """A named line through points."""

    name: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """An axis with its label and its ticks, from start to end."""

    name: str
    ticks: Ticks

    def place(self, value: float) -> float:
        """Return a value's position, from 0 to 1."""
        first, last = self.ticks[0][0], self.ticks[-1][0]
        return (value - first) / (last - first)


def plot(title: str, curves: list[Curve], x: Axis, y: Axis) -> str:
    """Return an SVG of at most three curves, labelled at their right ends."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def at(point: tuple[float, float]) -> tuple[float, float]:
        across, up = x.place(point[0]), y.place(point[1])
        return LEFT + across * (right - LEFT), bottom - up * (bottom - TOP)

    parts = [
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text(LEFT, 26, title, "title"),
        _text(right, HEIGHT - 10, x.name, anchor="end"),
    ]
    for value, label in y.ticks:
        _, level = at((x.ticks[0][0], value))
        parts.append(f'<path class="grid" d="M{LEFT} {level:.1f}H{right}"/>')
        parts.append(_text(LEFT - 8, level + 4, f"{label} {y.name}", anchor="end"))
    for value, label in x.ticks:
        place, _ = at((value, y.ticks[0][0]))
        parts.append(_text(place, bottom + 18, label, anchor="middle"))
    lines = [[at(point) for point in curve.points] for curve in curves]
    levels = _apart([line[-1][1] for line in lines])
    named = enumerate(zip(curves, lines, levels, strict=True))
    for number, (curve, line, level) in reversed(list(named)):  # the first is drawn on top
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in line)
        parts.append(f'<polyline class="c{number}" points="{points}"/>')
        parts.append(_text(right + 8, level + 4, curve.name, f"c{number}"))
    return _svg(title, parts)


def _apart(levels: list[float]) -> list[float]:
    """Move levels down until labels don't overlap."""
    apart, free = list(levels), 0.0
    for number in sorted(range(len(levels)), key=levels.__getitem__):
        apart[number] = max(levels[number], free)
        free = apart[number] + LINE
    return apart


def _svg(title: str, parts: list[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", *parts, "</svg>\n"]
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    look = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{look} text-anchor="{anchor}">{escape(text)}</text>'
