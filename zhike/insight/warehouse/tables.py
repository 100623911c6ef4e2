"""The tables of the warehouse. Pseudonymous: no names, phones, e-mails or certificates stand here."""

from __future__ import annotations

import pyarrow as pa

from zhike.insight.warehouse.schema import (
    COUNT,
    DAY,
    EXACT,
    KEY,
    MOMENT,
    NUMBER,
    POSITION,
    PRICE,
    TEXT,
    YES_NO,
    Column,
    Table,
)

SEEN = pa.list_(pa.struct([pa.field("at", MOMENT), pa.field("sequence", POSITION)]))

ATTRIBUTES = (
    Column("kind", TEXT, "person or organisation", "个人或组织"),
    Column("grade", TEXT, "grade the company gave the customer", "客户等级"),
    Column("stage", TEXT, "lifecycle stage", "生命周期阶段"),
    Column("state", TEXT, "state of the relation: potential, actual, lost …", "客户状态"),
    Column("owner", TEXT, "staff member who owns the customer (id)", "负责人(编号)"),
    Column("unit", TEXT, "organisation unit of the owner (id)", "所属部门(编号)"),
    Column("region", TEXT, "sales region", "大区"),
    Column("province", TEXT, "province of the main address", "省份"),
    Column("city", TEXT, "city of the main address", "城市"),
    Column("created_date", DAY, "day the customer was entered", "建档日期"),
    Column("merged_into", KEY, "surviving customer when this one was merged into another", "合并后的客户键"),
)

CUSTOMER = Table(
    name="customer",
    en="Customers as they were and are (history of type 2).",
    zh="客户维度(保留历史)",
    grain="one customer during one span in which no attribute changed",
    grain_zh="一个客户属性不变的一段时间",
    columns=(
        Column("customer_key", KEY, "pseudonymous key of the customer", "客户键(匿名)", required=True),
        *ATTRIBUTES,
        Column("valid_from", MOMENT, "the attributes hold from this moment", "生效时刻", required=True),
        Column("valid_to", MOMENT, "and until this moment; empty: until now", "失效时刻(空为至今)"),
        Column("is_current", YES_NO, "whether these are the latest attributes", "是否当前", required=True),
        Column(
            "seen",
            SEEN,
            "moments and positions that reported these attributes",
            "来源时刻与位置",
            required=True,
        ),
    ),
    key=("customer_key", "valid_from"),
    sort=("customer_key", "valid_from"),
    statistics=("customer_key", "valid_from", "valid_to"),
)

CALENDAR = Table(
    name="calendar",
    en="Days with what they are in business and in China.",
    zh="日历维度",
    grain="one day",
    grain_zh="一天",
    columns=(
        Column("day", DAY, "the day", "日期", required=True),
        Column("year", COUNT, "calendar year", "年", required=True),
        Column("quarter", COUNT, "quarter 1–4", "季度", required=True),
        Column("month", COUNT, "month 1–12", "月", required=True),
        Column("day_of_month", COUNT, "day 1–31", "日", required=True),
        Column("weekday", COUNT, "ISO weekday, Monday 1 … Sunday 7", "星期(周一为1)", required=True),
        Column("iso_year", COUNT, "year of the ISO week", "ISO 年", required=True),
        Column("iso_week", COUNT, "ISO week 1–53", "ISO 周", required=True),
        Column(
            "retail_year",
            COUNT,
            "retail year (4-5-4; begins after the Saturday nearest 31 January)",
            "零售年",
        ),
        Column("retail_month", COUNT, "retail month 1–12", "零售月"),
        Column("retail_week", COUNT, "retail week 1–53", "零售周"),
        Column(
            "season",
            TEXT,
            "season: spring, summer, autumn, winter (from March, June …)",
            "季节",
            required=True,
        ),
        Column("lunar_month", COUNT, "month of the Chinese calendar; negative in a leap month", "农历月"),
        Column("lunar_day", COUNT, "day of the Chinese calendar", "农历日"),
        Column("holiday", TEXT, "public holiday the day belongs to", "节假日"),
        Column("holiday_zh", TEXT, "its Chinese name", "节假日名称"),
        Column(
            "is_make_up", YES_NO, "weekend day worked for a holiday elsewhere", "是否调休上班", required=True
        ),
        Column("is_working", YES_NO, "whether offices work", "是否工作日", required=True),
        Column(
            "source", TEXT, "announced: State Council; rule: computed from the law", "来源", required=True
        ),
    ),
    key=("day",),
    sort=("day",),
    statistics=("day",),
)

PURCHASE = Table(
    name="purchase",
    en="Purchases and returns as the sources reported them.",
    zh="购买事实",
    grain="one line of one document",
    grain_zh="一张单据的一行",
    columns=(
        Column("source", TEXT, "system or file kind the line came from", "来源系统", required=True),
        Column("document", TEXT, "invoice, receipt or order number in the source", "单据号", required=True),
        Column("line_no", COUNT, "line within the document", "行号", required=True),
        Column("customer_key", KEY, "customer; empty when the buyer is unknown", "客户键(空为未知客户)"),
        Column("source_customer", TEXT, "the buyer as the source writes it", "来源客户号"),
        Column("product", TEXT, "product code", "产品编码"),
        Column("description", TEXT, "product as the source describes it", "产品描述"),
        Column("quantity", EXACT, "quantity; negative in a return", "数量", required=True),
        Column("unit_price", PRICE, "price of one piece", "单价", "currency", required=True),
        Column(
            "amount",
            EXACT,
            "quantity × price, to four places; negative in a return",
            "金额",
            "currency",
            required=True,
        ),
        Column("currency", TEXT, "ISO 4217 code", "币种", required=True),
        Column("occurred_at", MOMENT, "moment of the purchase", "发生时刻", required=True),
        Column("occurred_date", DAY, "its day where the company is", "发生日期", required=True),
        Column("is_return", YES_NO, "whether goods or money went back", "是否退货", required=True),
        Column("job", TEXT, "import job or feed that brought the line", "导入批次", required=True),
        Column("loaded_at", MOMENT, "moment it was loaded", "入库时刻", required=True),
    ),
    key=("source", "document", "line_no", "job"),
    sort=("customer_key", "occurred_at", "document", "line_no"),
    statistics=("customer_key", "occurred_date", "job", "source"),
)

CUSTOMER_SCORE = Table(
    name="customer_score",
    en="Scores of customers as each run of a model gave them.",
    zh="客户评分",
    grain="one score of one customer on one day",
    grain_zh="一个客户某日的一项评分",
    columns=(
        Column("customer_key", KEY, "customer", "客户键", required=True),
        Column(
            "score", TEXT, "name of the score, such as rfm.recency or pyramid.tier", "评分名称", required=True
        ),
        Column("number", NUMBER, "its value when it is a number", "数值"),
        Column("label", TEXT, "its value when it is a name", "标签"),
        Column("model", TEXT, "model and its version", "模型与版本", required=True),
        Column("as_of_date", DAY, "day the score speaks of", "评分日期", required=True),
        Column("scored_at", MOMENT, "moment it was computed", "计算时刻", required=True),
    ),
    key=("customer_key", "score", "as_of_date", "model"),
    sort=("customer_key", "score", "as_of_date"),
    statistics=("customer_key", "as_of_date"),
)

TABLES: tuple[Table, ...] = (CUSTOMER, CALENDAR, PURCHASE, CUSTOMER_SCORE)
