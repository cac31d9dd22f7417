"""The sample's layouts as HTML: linear layouts are flexboxes, a dp and an sp is a pixel, start and end are the text's.

As much as the sample uses. What Android draws differs in a pixel here and there: fonts have other line gaps, and there is no ripple.
"""

import html
from xml.etree import ElementTree

from tests.gradle_bundle.screens import resources

#: Android's own font, which Debian has too.
PAGE = """<!doctype html><meta charset="utf-8"><style>
* {{ box-sizing: border-box; margin: 0 }}
body {{ width: {width}px; height: {height}px; overflow: hidden; display: flex; background: {back}; font-family: Roboto, sans-serif }}
.box {{ display: flex; min-width: 0; flex: none }} .words {{ white-space: pre-line; line-height: 1.2; overflow-wrap: anywhere }}
[style*=clamp] {{ display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden }}
.bar {{ height: 16px; display: flex; align-items: center }} .bar div {{ height: 4px; border-radius: 2px }}
</style>{body}"""
#: Sides of Android and of CSS.
SIDES = {"Start": "inline-start", "End": "inline-end", "Top": "top", "Bottom": "bottom"}
TEXTS = ("TextView", "EditText", "Button", "RadioButton")
#: Of a drawable with states, which of its items shows.
Checked = bool


def page(theme: str, filled: dict, size: tuple[int, int]) -> str:
    """Return the main layout as a page of that size in dp.

    Args:
        theme: "light" or "dark".
        filled: texts by the views' ids; None hides a view. `passages`: a list of the same for each card; `percent` of the bar;
            `checked`: the radio button's id.

    """
    body = view(resources.tree("layout/main"), theme, filled, "vertical")
    back = colour("@color/background", theme)
    return PAGE.format(width=size[0], height=size[1], back=back, body=body)


def view(element: ElementTree.Element, theme: str, filled: dict, within: str) -> str:
    """Return one view with what is in it; `within` is the orientation of what it lies in."""
    told = resources.attributes(element)
    name = told.get("id", "").rpartition("/")[2]
    gone = told.get("visibility") == "gone" and filled.get(name) is None
    if gone or (name in filled and filled[name] is None):
        return ""
    style = [
        *_size(told, within),
        *_space(told),
        *_colours(told, theme, checked=filled.get("checked") == name),
    ]
    if element.tag in TEXTS:
        return _words(
            told,
            filled.get(name),
            [*style, *_font(told, theme, checked=filled.get("checked") == name)],
            theme,
        )
    if element.tag == "ProgressBar":
        return _bar(theme, filled.get("percent", 0))
    orientation = told.get("orientation", "vertical")
    style += [
        f"flex-direction:{'row' if orientation == 'horizontal' else 'column'}",
        *_gravity(told, orientation),
    ]
    if name == "passages":
        inside = [
            view(resources.tree("layout/passage"), theme, card, "vertical") for card in filled.get(name, ())
        ]
    else:
        inside = [view(child, theme, filled, orientation) for child in element]
    return f'<div class="box" style="{";".join(style)}{";overflow:hidden" if element.tag == "ScrollView" else ""}">{"".join(inside)}</div>'


def colour(reference: str, theme: str, *, checked: bool = False) -> str:
    """Return "#RRGGBB" of `@color/NAME`, by the state where it has states."""
    name = reference.removeprefix("@color/")
    known = resources.colours(theme)
    if name in known:
        return known[name]
    return colour(_item(resources.tree(f"color/{name}"), checked).attrib["color"], theme)


def shape(reference: str, *, checked: bool = False) -> ElementTree.Element | None:
    """Return the shape that a drawable shows at rest; None where it shows nothing but a ripple."""
    root = resources.tree(f"drawable/{reference.removeprefix('@drawable/')}")
    if root.tag == "shape":
        return root
    chosen = next(iter(root.iter("selector")), None)
    item = _item(chosen, checked) if chosen is not None else root[0]
    return None if item.attrib.get("id") == "@android:id/mask" else shape(item.attrib["drawable"])


def _item(selector: ElementTree.Element, checked: bool) -> ElementTree.Element:
    return next(item for item in selector if checked or "state_checked" not in item.attrib)


def background(told: dict[str, str], theme: str, *, checked: bool = False) -> str | None:
    """Return the colour of a view's background; None where it has none."""
    given = told.get("background")
    if given is None or given.startswith("@color/"):
        return given and colour(given, theme)
    drawn = shape(given, checked=checked)
    return None if drawn is None else colour(drawn.find("solid").attrib["color"], theme)


def _colours(told: dict[str, str], theme: str, *, checked: bool) -> list[str]:
    back = background(told, theme, checked=checked)
    if back is None:
        return []
    style = [f"background:{back}"]
    if told["background"].startswith("@drawable/"):
        drawn = shape(told["background"], checked=checked)
        style.append(f"border-radius:{pixels(drawn.find('corners').attrib['radius'])}px")
        if (stroke := drawn.find("stroke")) is not None:
            style.append(
                f"box-shadow:inset 0 0 0 {pixels(stroke.attrib['width'])}px {colour(stroke.attrib['color'], theme)}"
            )
    return style


def pixels(length: str) -> float:
    """Return a length of dp or sp as a number."""
    return float(length.removesuffix("dp").removesuffix("sp"))


def _size(told: dict[str, str], within: str) -> list[str]:
    along, across = ("width", "height") if within == "horizontal" else ("height", "width")
    style = [
        f"min-{side.lower()}:{pixels(told[f'min{side}'])}px"
        for side in ("Width", "Height")
        if f"min{side}" in told
    ]
    if "layout_weight" in told:
        style.append(f"flex:{told['layout_weight']} {told['layout_weight']} 0")
    if told.get(f"layout_{along}") == "match_parent":
        style.append("flex:1")
    return [*style, f"align-self:{'stretch' if told.get(f'layout_{across}') == 'match_parent' else 'auto'}"]


def _space(told: dict[str, str]) -> list[str]:
    return [
        f"{css}-{SIDES[side]}:{pixels(told[key])}px"
        for css, prefix in (("margin", "layout_margin"), ("padding", "padding"))
        for side in SIDES
        if (key := f"{prefix}{side}") in told
    ]


def _gravity(told: dict[str, str], orientation: str) -> list[str]:
    centre = "center" in told.get("gravity", "")
    return [f"align-items:{'center' if centre else 'flex-start'}"]


def _font(told: dict[str, str], theme: str, *, checked: bool) -> list[str]:
    lines = 1.2 * float(told.get("lineSpacingMultiplier", "1"))
    style = [f"font-size:{pixels(told['textSize'])}px", f"line-height:{lines}"]
    style.append(f"color:{colour(told['textColor'], theme, checked=checked)}")
    if told.get("textStyle") == "bold":
        style.append("font-weight:700")
    return [
        *style,
        "align-items:center",
        *(["justify-content:center", "text-align:center"] if told.get("gravity") == "center" else []),
    ]


def _words(told: dict[str, str], text: str | None, style: list[str], theme: str) -> str:
    words = (
        text if text is not None else resources.strings().get(told.get("text", "").removeprefix("@string/"))
    )
    if words is None:
        words = resources.strings().get(told.get("hint", "").removeprefix("@string/"), "")
        style = [*style, f"color:{colour(told.get('textColorHint', told['textColor']), theme)}"]
    lines = f'style="-webkit-line-clamp:{told["maxLines"]}"' if "maxLines" in told else ""
    return f'<div class="box words" style="{";".join(style)}"><span {lines}>{html.escape(words)}</span></div>'


def _bar(theme: str, percent: int) -> str:
    full, rest = colour("@color/accent", theme), colour("@color/outline", theme)
    done = f"background:{full};width:{percent}%"
    return f'<div class="bar" style="align-self:stretch"><div style="width:100%;background:{rest}55"><div style="{done}"></div></div></div>'
