"""A stock drawn at its true size on the screen: what is saved is seen first."""

from __future__ import annotations

from markupsafe import Markup

from ordi.labels.stocks import Stock


def stock_drawing(stock: Stock) -> Markup:
    """The page and its cells, one millimetre a unit; a cell that leaves the page is marked."""
    width, height = stock.page
    drawn = []
    for cell in range(stock.count):
        x, y = stock.corner_of(cell)
        off = x + stock.cell[0] > width + 0.05 or y + stock.cell[1] > height + 0.05
        drawn.append(
            f'<rect class="{"cell-off" if off else "cell-on"}" x="{x:.2f}" y="{y:.2f}" width="{stock.cell[0]:.2f}"'
            f' height="{stock.cell[1]:.2f}" rx="{stock.corner:.2f}"/>'
        )
    # Only numbers go in.
    return Markup(  # noqa: S704
        f'<svg class="stock-drawing" data-stock-drawing width="{width:.2f}mm" height="{height:.2f}mm"'
        f' viewBox="0 0 {width:.2f} {height:.2f}" aria-hidden="true" focusable="false">'
        f'<rect class="page-edge" width="{width:.2f}" height="{height:.2f}"/>{"".join(drawn)}</svg>'
    )
