"""Columns find their fields by name and by content."""

from __future__ import annotations

from zhike.feeds.files.mapping import Suggestion, Target, suggest

TARGETS = (
    Target("name", ("姓名", "客户名称", "Name"), "name"),
    Target("phone", ("手机", "电话", "Phone"), "phone", many=True),
    Target("email", ("邮箱", "E-mail"), "email", many=True),
    Target("id_card", ("身份证号",), "id_card"),
    Target("credit_code", ("统一社会信用代码",), "credit_code"),
    Target("province", ("省份", "Province"), "province"),
    Target("city", ("城市", "City"), "city"),
    Target("street", ("详细地址", "Address"), "address"),
    Target("birthday", ("生日", "Birthday"), "date"),
    Target("note", ("备注", "Note")),
)
ROWS = [
    [
        "王小明",
        "13800138000",
        "wang@example.cn",
        "11010519491231002X",
        "上海市",
        "上海",
        "浦东新区世纪大道100号",
        "1949-12-31",
    ],
    ["李四", "139-0013-9000", "li@example.cn", "", "浙江省", "杭州市", "西湖区文三路5号", "1980/1/2"],
    ["欧阳娜娜", "021-55556666", "", "440524199001010018", "广东", "深圳", "南山区科技园1栋", "1999年5月6日"],
]


def fields(columns: list[str], rows: list[list[str]]) -> list[str | None]:
    return [found.target for found in suggest(columns, rows, TARGETS)]


EXPECTED = ["name", "phone", "email", "id_card", "province", "city", "street", "birthday"]


def test_by_chinese_names() -> None:
    columns = [
        "客户姓名",
        "手机号码（必填）",
        "电子邮箱",
        "身份证号",
        "省份",
        "所在城市",
        "详细地址",
        "出生日期",
    ]
    assert fields(columns, ROWS) == EXPECTED


def test_by_english_names() -> None:
    columns = [
        "CustomerName",
        "mobile_phone",
        "E-Mail Address",
        "ID Number",
        "Province",
        "city",
        "street",
        "DOB",
    ]
    assert fields(columns, ROWS) == EXPECTED


def test_by_content_alone() -> None:
    columns = list("ABCDEFGH")
    assert fields(columns, ROWS)[1:7] == EXPECTED[1:7]


def test_a_field_goes_to_one_column_unless_it_takes_many() -> None:
    rows = [["王小明", "李四", "13800138000", "13900139000"]] * 5
    assert fields(["姓名", "姓名 (2)", "手机", "电话2"], rows) == ["name", None, "phone", "phone"]


def test_content_that_contradicts_the_name_counts() -> None:
    rows = [["老客户"], ["常来"], ["喜欢红色"], ["已搬家"], ["无"]]
    [found] = suggest(["电话备注"], rows, TARGETS)
    assert found.target == "note"


def test_reasons_are_given() -> None:
    found = suggest(["手机号", "随便"], [["13800138000", "x"]] * 3, TARGETS)
    assert [why.code for why in found[0].reasons] == ["map_name", "map_content"]
    assert "100 %" in str(found[0].reasons[1])
    assert found[0].score > 0.8
    assert found[1] == Suggestion(1, "随便", None, 0.0)


def test_credit_codes_by_their_check_character() -> None:
    assert fields(["号码"], [["91110000802100433B"], ["91310000775785552L"]])[0] in ("credit_code", None)
    assert fields(["X"], [["91110000802100433B"]] * 4) == ["credit_code"]
