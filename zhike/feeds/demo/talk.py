"""What account managers write down about their customers."""

from __future__ import annotations

from random import Random

_HOME = (
    "电话回访，对上次购买的{thing}很满意，{next}。",
    "客户搬新家，想配一整套{thing}，{next}。",
    "反映{thing}有色差，已按三包规定换货，客户表示理解。",
    "朋友推荐来的，关注{thing}的材质，{next}。",
    "希望节假日前提醒{thing}的优惠活动。",
    "不方便接电话，请在{when}联系，优先微信。",
    "对价格比较敏感，{when}下单较多。",
    "家里有老人和孩子，偏好安全、易清洗的{thing}。",
)
_FIRM = (
    "拜访采购负责人，今年{thing}预算已定，{next}。",
    "对方要求月结60天，已向经理申请，待批。",
    "样品已寄出（{thing}），{next}。",
    "竞争对手报价低3%，客户看重交期和售后。",
    "参加了我司新品会，对{thing}感兴趣，{next}。",
    "年度框架协议到期，准备续签，{next}。",
    "投诉一批{thing}包装破损，已补发并登门致歉。",
    "决策人换了，新任行政总监{when}到岗，需重新拜访。",
    "员工福利采购季，需要{thing}和礼盒方案，{next}。",
)
_THINGS = (
    "四件套",
    "毛巾",
    "茶具",
    "餐具",
    "收纳箱",
    "台灯",
    "蚕丝被",
    "保温杯",
    "地毯",
    "清洁用品",
    "礼品盒",
)
_NEXT = ("下周再联系", "月底前给方案", "约了下月上门", "等对方回复", "已发产品目录", "暂不跟进", "节后再谈")
_WHEN = ("晚上八点以后", "周末", "每月上旬", "午休时间", "下个月初")


def note_about(by: Random, is_firm: bool) -> str:
    """One note."""
    text = by.choice(_FIRM if is_firm else _HOME)
    return text.format(thing=by.choice(_THINGS), next=by.choice(_NEXT), when=by.choice(_WHEN))
