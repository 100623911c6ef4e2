"""What every page loads before islands stays light."""

from __future__ import annotations

import gzip

from zhike.web.templatetags.assets import BUILD, built_assets

MOST_BYTES = 150 * 1024


def test_scripts_and_styles_of_a_page_fit_the_budget() -> None:
    names = built_assets()
    files = [names.script, *names.modules, *names.styles]
    weights = {name: len(gzip.compress((BUILD / name).read_bytes(), 9)) for name in files}
    assert names.styles
    assert sum(weights.values()) <= MOST_BYTES, weights


def test_charts_are_not_part_of_every_page() -> None:
    names = built_assets()
    first = b"".join((BUILD / name).read_bytes() for name in (names.script, *names.modules))
    later = [path for path in BUILD.glob("chart-*.js") if path.name not in names.modules]
    assert later
    assert b"zrender" not in first
