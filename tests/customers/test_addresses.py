"""Chinese addresses split to province, city and district; missing parts filled in."""

from __future__ import annotations

import pytest

from zhike.customers.addresses import Place, find_place, postcode_in, split_address


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("上海市浦东新区世纪大道100号", Place("上海市", "上海市", "浦东新区", "世纪大道100号")),
        ("上海浦东陆家嘴环路1000号", Place("上海市", "上海市", "浦东新区", "陆家嘴环路1000号")),
        ("江苏南京玄武区北京东路1号", Place("江苏省", "南京市", "玄武区", "北京东路1号")),
        ("南京东路300号", Place("", "", "", "南京东路300号")),
        ("南京市鼓楼区中山路1号", Place("江苏省", "南京市", "鼓楼区", "中山路1号")),
        ("新疆乌鲁木齐市天山区", Place("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "")),
        ("湖北省仙桃市沔州大道", Place("湖北省", "仙桃市", "", "沔州大道")),
        ("浦东新区张江路", Place("上海市", "上海市", "浦东新区", "张江路")),
        ("吉林长春朝阳区", Place("吉林省", "长春市", "朝阳区", "")),
        ("朝阳区建国路88号", Place("", "", "", "朝阳区建国路88号")),
        ("朝阳市双塔区", Place("辽宁省", "朝阳市", "双塔区", "")),
        ("凉山州西昌市", Place("四川省", "凉山彝族自治州", "西昌市", "")),
        (
            "中国 广东省 广州市 天河区 体育西路103号 510620",
            Place("广东省", "广州市", "天河区", "体育西路103号"),
        ),
        ("1600 Amphitheatre Pkwy", Place("", "", "", "1600 Amphitheatre Pkwy")),
        ("天津市河北区", Place("天津市", "天津市", "河北区", "")),
    ],
)
def test_split(text: str, place: Place) -> None:
    assert split_address(text) == place


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        (("江苏", "南京", "玄武"), Place("江苏省", "南京市", "玄武区")),
        (("", "上海", "浦东"), Place("上海市", "上海市", "浦东新区")),
        (("上海", "", "徐汇区"), Place("上海市", "上海市", "徐汇区")),
        (("", "深圳", ""), Place("广东省", "深圳市", "")),
        (("California", "LA", ""), Place("California", "LA", "")),
    ],
)
def test_parts_given_apart(parts: tuple[str, str, str], place: Place) -> None:
    assert find_place(*parts) == place


def test_postcodes() -> None:
    assert postcode_in("广州市天河区 510620") == "510620"
    assert postcode_in("电话13812345678") == ""
