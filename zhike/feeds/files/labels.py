"""Names that columns go by, in Chinese and English, by the kind of value they hold."""

from __future__ import annotations

import re
import unicodedata

LABELS: dict[str, tuple[str, ...]] = {
    "name": (
        "姓名", "客户", "客户名称", "客户姓名", "名称", "名字", "称呼", "联系人", "会员姓名", "收货人",
        "name", "full name", "customer", "customer name", "client", "contact", "contact name",
        "account name",
    ),
    "family_name": (
        "姓", "姓氏", "last name", "surname", "family name",
    ),
    "given_name": (
        "名", "first name", "given name", "forename",
    ),
    "company": (
        "公司", "公司名称", "企业", "企业名称", "单位", "单位名称", "工作单位", "机构", "商户", "company",
        "company name", "organisation", "organization", "employer", "business", "account",
    ),
    "phone": (
        "手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "座机", "固话", "传真",
        "移动电话", "phone", "phone number", "mobile", "mobile phone", "cell", "tel", "telephone", "fax",
        "contact number",
    ),
    "email": (
        "邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址", "email", "e-mail", "mail", "email address",
        "e-mail address",
    ),
    "address": (
        "地址", "详细地址", "联系地址", "通讯地址", "收货地址", "住址", "注册地址", "街道", "address",
        "street", "street address", "address line 1", "address 1 street",
    ),
    "province": (
        "省", "省份", "省市", "所在省", "州", "province", "state", "region", "address 1 region",
    ),
    "city": (
        "市", "城市", "所在城市", "地市", "city", "town", "address 1 city",
    ),
    "district": (
        "区", "区县", "县", "县区", "district", "county", "suburb",
    ),
    "postal_code": (
        "邮编", "邮政编码", "postcode", "postal code", "zip", "zip code", "address 1 postal code",
    ),
    "country": (
        "国家", "国籍", "国家地区", "country", "nation", "nationality",
    ),
    "id_card": (
        "身份证", "身份证号", "身份证号码", "证件号码", "证件号", "id card", "id number", "identity number",
        "national id",
    ),
    "credit_code": (
        "统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "营业执照号", "credit code",
        "unified social credit code", "uscc", "tax id", "tax number",
    ),
    "url": (
        "网址", "网站", "官网", "主页", "链接", "website", "web site", "homepage", "url", "link",
    ),
    "date": (
        "日期", "生日", "出生日期", "出生年月", "成立日期", "注册日期", "注册时间", "创建时间", "加入日期",
        "date", "birthday", "birth date", "date of birth", "dob", "founded", "created", "created at",
        "joined", "since",
    ),
    "moment": (
        "时间", "下单时间", "交易时间", "购买时间", "订单时间", "付款时间", "time", "timestamp",
        "date time", "invoice date", "order date", "order time", "transaction date", "purchase date",
    ),
    "number": (
        "编号", "序号", "代码", "客户编号", "客户号", "会员号", "会员编号", "卡号", "code", "no", "number",
        "id", "customer id", "customer no", "customer code", "customer number", "member id",
    ),
    "quantity": (
        "数量", "件数", "购买数量", "quantity", "qty", "units", "count",
    ),
    "money": (
        "金额", "总额", "价格", "单价", "销售额", "实付金额", "合计", "amount", "price", "unit price",
        "total", "value", "revenue", "sales",
    ),
    "boolean": (
        "是否", "有效", "active", "enabled", "subscribed",
    ),
    "gender": (
        "性别", "gender", "sex",
    ),
    "title": (
        "职务", "职位", "头衔", "岗位", "title", "job title", "position", "role",
    ),
    "department": (
        "部门", "科室", "department", "division",
    ),
    "note": (
        "备注", "说明", "附注", "描述", "留言", "note", "notes", "remark", "remarks", "comment",
        "description", "review",
    ),
    "tag": (
        "标签", "分类", "类别", "类型", "categories", "category", "tags", "tag", "label", "type", "kind",
        "industry", "行业",
    ),
    "product": (
        "商品", "产品", "商品名称", "产品名称", "货号", "商品编号", "product", "item", "stock code", "sku",
        "product name",
    ),
    "document": (
        "订单号", "单号", "发票号", "订单编号", "交易号", "order", "order no", "invoice", "invoice no",
        "order id",
    ),
    "social": (
        "微信", "微信号", "qq", "qq号", "wechat", "weixin", "微博",
    ),
}  # fmt: skip

_BRACKETS = re.compile(r"[（(\[【〔].*?[）)\]】〕]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\s_\-./:：*＊#|]+")


def plain_label(text: str) -> str:
    """A name of a column without what names the same thing differently: case, width, brackets, separators."""
    wide = unicodedata.normalize("NFKC", text)
    without = _BRACKETS.sub("", wide).strip() or wide
    spaced = _CAMEL.sub(" ", without)
    return _SEPARATORS.sub(" ", spaced).strip().lower()


KNOWN = frozenset(plain_label(label) for labels in LABELS.values() for label in labels)
"""Every label above in plain form."""
