# ruff: noqa: SIM905 -- words in one text are easier to read and to add to than a list of quoted ones
"""Made-up customers of which some are there twice, with the slips that people make when they type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from random import Random

import pyarrow as pa

from zhike.insight.duplicates import Record

_SURNAMES = (
    "王 wang 李 li 张 zhang 刘 liu 陈 chen 杨 yang 黄 huang 赵 zhao 吴 wu 周 zhou 徐 xu 孙 sun 马 ma 朱 zhu 胡 hu "
    "郭 guo 何 he 高 gao 林 lin 罗 luo 郑 zheng 梁 liang 谢 xie 宋 song 唐 tang 许 xu 韩 han 冯 feng 邓 deng 曹 cao "
    "彭 peng 曾 zeng 肖 xiao 田 tian 董 dong 袁 yuan 潘 pan 于 yu 蒋 jiang 蔡 cai 余 yu 杜 du 叶 ye 程 cheng 章 zhang "
    "欧阳 ouyang 司马 sima 诸葛 zhuge"
).split()
_GIVEN = (
    "伟 wei 芳 fang 娜 na 敏 min 静 jing 丽 li 强 qiang 磊 lei 军 jun 洋 yang 勇 yong 艳 yan 杰 jie 娟 juan 涛 tao "
    "明 ming 超 chao 秀 xiu 霞 xia 平 ping 刚 gang 桂 gui 英 ying 华 hua 玉 yu 兰 lan 红 hong 建 jian 国 guo 志 zhi "
    "文 wen 斌 bin 宇 yu 浩 hao 凯 kai 鑫 xin 晓 xiao 小 xiao 雪 xue 琳 lin 玲 ling 佳 jia 俊 jun 子 zi 轩 xuan 涵 han "
    "梓 zi 欣 xin 怡 yi 诗 shi 思 si 梦 meng 雨 yu 嘉 jia 博 bo 天 tian 晨 chen 辰 chen 阳 yang 瑞 rui 睿 rui 昊 hao "
    "然 ran 泽 ze 宁 ning 安 an 康 kang 健 jian 鹏 peng 飞 fei 龙 long 海 hai 波 bo 峰 feng 锋 feng 亮 liang 良 liang"
).split()
_HOMOPHONES = dict(
    zip("伟明芳丽静晓建俊宇辰欣峰亮健涛佳章瑞兰玲", "玮铭方莉婧小健军雨晨鑫锋良建韬嘉张睿岚灵", strict=True)
)
_WRONG_STROKE = dict(zip("明晓敏杰涛磊娟波佳宇怡思博阳天伟", "朋晚繁木淘石捐坡住字治恩搏阴夫韦", strict=True))
_TRADITIONAL = dict(
    zip(
        "伟丽静军杰娟兰红建国华刚鑫龙张刘陈杨黄赵吴孙马罗郑谢许韩冯邓肖蒋叶宁飞泽",
        "偉麗靜軍傑娟蘭紅建國華剛鑫龍張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧肖蔣葉寧飛澤",
        strict=True,
    )
)
_PLACES = {
    "北京市": ("北京市", "朝阳区 海淀区 东城区 丰台区"),
    "上海市": ("上海市", "浦东新区 徐汇区 静安区 闵行区 杨浦区"),
    "广东省": ("深圳市", "南山区 福田区 罗湖区 宝安区"),
    "浙江省": ("杭州市", "西湖区 余杭区 滨江区 拱墅区"),
    "江苏省": ("南京市", "玄武区 鼓楼区 江宁区 秦淮区"),
    "四川省": ("成都市", "锦江区 武侯区 青羊区 高新区"),
    "湖北省": ("武汉市", "武昌区 江汉区 洪山区 汉阳区"),
    "陕西省": ("西安市", "雁塔区 碑林区 未央区 莲湖区"),
}
_ROADS = "人民 中山 解放 建设 和平 新华 长江 黄河 淮海 南京 北京 文化 学府 科技 创业 滨河 环城 东风 光明 胜利".split()
_BRANDS = "华 信 中 联 博 创 天 远 恒 达 金 鼎 海 瑞 宏 泰 新 盛 智 云 百 汇 优 品 东 方 正 源 安 捷 利 丰 康".split()
_TRADES = "科技 贸易 电子 物流 食品 建材 服饰 医药 餐饮 机械 网络 广告 咨询 教育 能源 化工".split()
_FIRST = "james mary robert patricia john jennifer michael linda david elizabeth william susan anna peter laura".split()
_LAST = "smith johnson williams brown jones garcia miller davis rodriguez martinez wilson anderson thomas moore".split()
_MAIL = ("qq.com", "163.com", "126.com", "sina.com", "gmail.com", "outlook.com")


def customers(count: int, *, seed: int, doubled: float = 0.05) -> tuple[list[Record], set[tuple[str, str]]]:
    """`count` records in random order, a share of them second records; and the true pairs, smaller id first."""
    random = Random(seed)
    originals = round(count / (1 + doubled))
    records = [_customer(random, number) for number in range(originals)]
    _let_share(random, records)
    same: defaultdict[str, list[str]] = defaultdict(list)
    for number in range(originals, count):
        first = records[random.randrange(originals)]
        records.append(_second(random, first, f"c{number:07d}"))
        same[first.id].append(records[-1].id)
    random.shuffle(records)
    return records, {pair for first, others in same.items() for pair in combinations([first, *others], 2)}


def table(records: list[Record]) -> pa.Table:
    """The records as the finder takes them."""
    texts = pa.list_(pa.string())
    return pa.table(
        {
            name: pa.array([getattr(r, name) for r in records], texts if name in _LISTS else pa.string())
            for name in Record.__dataclass_fields__
        }
    )


_LISTS = ("phones", "emails", "certificate_hashes")


def _customer(random: Random, number: int) -> Record:
    kind = random.random()
    province, (city, districts) = random.choice(list(_PLACES.items()))
    known = Record(
        id=f"c{number:07d}",
        kind="organisation" if kind < 0.2 else "person",
        phones=()
        if random.random() < 0.08
        else (f"+861{random.choice('3456789')}{random.randrange(10**9):09d}",),
        province=province,
        city=city,
        district=random.choice(districts.split()),
        address=_address(random) + f"{random.randrange(1, 40)}室",
        certificate_hashes=(f"{random.getrandbits(64):016x}",) if random.random() < 0.3 else (),
    )
    if kind < 0.2:
        brand = "".join(random.choices(_BRANDS, k=random.choice((2, 2, 3))))
        form = random.choice(("有限公司", "有限公司", "有限责任公司", "股份有限公司"))
        return replace(
            known, name=f"{city[:-1]}{brand}{random.choice(_TRADES)}{form}", emails=_emails(random, "info")
        )
    birth = f"{random.randrange(1950, 2006)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
    known = replace(known, birth_date=birth if random.random() < 0.6 else None)
    if kind < 0.25:
        given, surname = random.choice(_FIRST), random.choice(_LAST)
        name = f"{given} {surname}".title()
        return replace(
            known, name=name, emails=_emails(random, f"{given}.{surname}"), name_pinyin=name.lower()
        )
    at = min(int(random.expovariate(0.11)), len(_SURNAMES) // 2 - 1) * 2
    chosen = [random.randrange(len(_GIVEN) // 2) * 2 for _ in range(1 if random.random() < 0.25 else 2)]
    surname, sound = _SURNAMES[at], "".join(_GIVEN[i + 1] for i in chosen)
    return replace(
        known,
        name=surname + "".join(_GIVEN[i] for i in chosen),
        name_pinyin=f"{_SURNAMES[at + 1]} {sound}",
        name_initials=_SURNAMES[at + 1][0] + "".join(_GIVEN[i + 1][0] for i in chosen),
        emails=_emails(random, sound),
    )


def _address(random: Random) -> str:
    return f"{random.choice(_ROADS)}{random.choice('东西南北中')}路{random.randrange(1, 2000)}号"


def _emails(random: Random, start: str) -> tuple[str, ...]:
    if random.random() < 0.4:
        return ()
    return (f"{start}{random.randrange(10**6)}@{random.choice(_MAIL)}",)


def _let_share(random: Random, records: list[Record]) -> None:
    """Couples share phone and address, and some firms' people share a switchboard: alike, but not the same."""
    for at in range(0, len(records) - 1, 50):
        first, second = records[at], records[at + 1]
        if first.kind == second.kind == "person" and first.phones:
            records[at + 1] = replace(
                second,
                phones=first.phones,
                province=first.province,
                city=first.city,
                district=first.district,
                address=first.address,
            )
    for start in range(10, len(records) - 30, 5_000):
        board = (f"+8621{random.randrange(10**7, 10**8)}",)
        for at in range(start, start + 30):
            records[at] = replace(records[at], phones=(*records[at].phones, *board))


def _second(random: Random, first: Record, new_id: str) -> Record:
    """A second record of the same customer with one to three slips."""
    record = replace(first, id=new_id)
    for slip in random.sample(_SLIPS, random.choice((1, 2, 2, 3))):
        record = slip(random, record)
    return record


def _replaced(record: Record, table: dict[str, str], *, all_of_them: bool = False) -> Record:
    name = record.name or ""
    if record.kind == "organisation":
        return record
    for old, new in table.items():
        if old in name:
            name = name.replace(old, new)
            if not all_of_them:
                break
    return replace(record, name=name)


def homophone(_: Random, record: Record) -> Record:
    """Another character of the same sound."""
    return _replaced(record, _HOMOPHONES)


def wrong_stroke(_: Random, record: Record) -> Record:
    """A character that looks alike and sounds otherwise; the pinyin is made from what was typed."""
    changed = _replaced(record, _WRONG_STROKE)
    return changed if changed.name == record.name else replace(changed, name_pinyin=None, name_initials=None)


def traditional(_: Random, record: Record) -> Record:
    """The name in traditional characters."""
    return _replaced(record, _TRADITIONAL, all_of_them=True)


def legal_form(random: Random, record: Record) -> Record:
    """A company with another legal form, in brackets, or without its city; a foreign name turned round."""
    name = record.name or ""
    if record.kind == "organisation":
        core = name.split("有限")[0].removesuffix("股份")
        return replace(
            record, name=random.choice((core + "股份有限公司", core + "公司", core[2:] + "有限公司", core))
        )
    if name.isascii():
        return replace(record, name=" ".join(reversed(name.split())), name_pinyin=None)
    return record


def written_otherwise(random: Random, record: Record) -> Record:
    """The phone as people write it."""
    digits = (record.phones or ("",))[0].removeprefix("+86")
    if not digits:
        return record
    forms = (digits, f"0086 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"86{digits}")
    return replace(record, phones=(random.choice(forms), *record.phones[1:]))


def wrong_digit(random: Random, record: Record) -> Record:
    """One digit of the phone typed wrong."""
    if not record.phones:
        return record
    number = record.phones[0]
    at = random.choice([place for place, sign in enumerate(number) if sign.isdigit()][4:])
    return replace(record, phones=(number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :],))


def other_phone(random: Random, record: Record) -> Record:
    """A new phone."""
    return replace(record, phones=(f"+8615{random.randrange(10**9):09d}",))


def no_phone(_: Random, record: Record) -> Record:
    """The phone left out."""
    return replace(record, phones=())


def other_mail(random: Random, record: Record) -> Record:
    """The same mailbox with another provider, in capitals."""
    return replace(
        record, emails=tuple(f"{m.partition('@')[0].upper()}@{random.choice(_MAIL)}" for m in record.emails)
    )


def no_birth_date(_: Random, record: Record) -> Record:
    """The birth date left out."""
    return replace(record, birth_date=None)


def moved(random: Random, record: Record) -> Record:
    """Another address in the same city."""
    return replace(record, address=f"{random.choice(_ROADS)}路{random.randrange(1, 2000)}号", district=None)


def no_certificate(_: Random, record: Record) -> Record:
    """The certificate left out."""
    return replace(record, certificate_hashes=())


_SLIPS: tuple[Callable[[Random, Record], Record], ...] = (
    homophone,
    wrong_stroke,
    traditional,
    legal_form,
    written_otherwise,
    wrong_digit,
    other_phone,
    no_phone,
    other_mail,
    no_birth_date,
    moved,
    no_certificate,
)
