"""What the company sells: some two hundred things for the home, the office and the guest room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Category: how much homes buy of it, how much firms do; things with the price of the plain one in yuan.
_CATALOGUE: tuple[tuple[str, str, float, float, str], ...] = (
    ("BX", "床上用品", 1.3, 1.0, "纯棉四件套 299|羽丝绒被 359|蚕丝被 899|记忆棉枕 129|决明子枕 79|乳胶枕 219|床笠 109|夹棉床垫 189|毛毯 169|夏凉被 159"),
    ("MJ", "毛巾浴巾", 1.2, 1.3, "长绒棉毛巾 29|浴巾 79|方巾 12|浴袍 199|地巾 35|干发帽 39|酒店毛巾 19"),
    ("CJ", "餐具", 1.0, 0.9, "骨瓷饭碗 26|骨瓷汤碗 58|餐盘 36|味碟 12|不锈钢筷子 45|鸡翅木筷子 39|西餐刀叉 89|儿童餐具 69|餐具套装 368"),
    ("GJ", "锅具刀具", 0.8, 0.4, "铸铁炒锅 269|不粘煎锅 159|汤锅 199|奶锅 109|高压锅 399|菜刀 129|剪刀 35|砧板 79|蒸锅 189"),
    ("CH", "茶具酒具", 0.7, 1.0, "紫砂壶 480|盖碗 89|功夫茶具 328|保温杯 119|玻璃杯 19|红酒杯 49|公道杯 39|旅行茶具 168|焖烧壶 199"),
    ("SN", "收纳整理", 1.2, 0.7, "收纳箱 49|真空压缩袋 39|衣架 25|鞋架 99|抽屉分隔盒 19|挂袋 29|置物架 139|首饰盒 88|文件盒 22"),
    ("QJ", "清洁用品", 1.4, 1.5, "平板拖把 89|百洁布 15|垃圾桶 45|垃圾袋 18|洗衣液 49|洗洁精 22|抹布 16|玻璃刮 39|除湿盒 12|洗手液 19"),
    ("DJ", "灯具照明", 0.5, 0.6, "台灯 159|落地灯 329|吸顶灯 399|小夜灯 39|灯泡 18|灯带 69|护眼灯 289"),
    ("JF", "窗帘布艺", 0.4, 0.6, "遮光窗帘 239|纱帘 119|抱枕 49|沙发垫 189|桌布 79|地毯 369|门帘 69"),
    ("WY", "卫浴用品", 0.8, 1.0, "花洒 199|马桶垫 35|浴室置物架 89|牙刷杯 19|防滑垫 39|浴帘 59|皂盒 15|一次性洗漱包 6"),
    ("BG", "办公用品", 0.3, 1.6, "复印纸 25|中性笔 18|文件夹 12|笔记本 22|白板 189|碎纸机 499|计算器 45|便利贴 9|档案盒 14"),
    ("XJ", "小家电", 0.6, 0.4, "电水壶 129|空气炸锅 369|吸尘器 599|加湿器 159|电饭煲 329|挂烫机 259|电风扇 199|取暖器 279|破壁机 499"),
    ("LP", "礼品", 0.4, 1.7, "茶叶礼盒 268|丝巾礼盒 328|坚果礼盒 158|月饼礼盒 198|定制保温杯 99|香薰礼盒 188|文房四宝 298|定制U盘 69"),
)  # fmt: skip
_VARIANTS = (("", 1.0), ("（升级款）", 1.35), ("（家庭装）", 1.9))


@dataclass(frozen=True, slots=True)
class Product:
    """One thing with its code, name, category and price in yuan."""

    code: str
    name: str
    category: str
    price: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products with how often homes and firms choose each (sums to one)."""

    products: tuple[Product, ...]
    prices: NDArray[np.float64]
    homes: NDArray[np.float64]
    firms: NDArray[np.float64]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The products, the same in every demo."""
    products: list[Product] = []
    homes: list[float] = []
    firms: list[float] = []
    for letters, category, home, firm, things in _CATALOGUE:
        for rank, thing in enumerate(things.split("|")):
            name, price = thing.split()
            # A plain thing and, of every other one, a better one; of a few a large pack too.
            for kind, (suffix, times) in enumerate(_VARIANTS[: 1 + (rank % 2 == 0) + (rank % 5 == 1)]):
                charm = (
                    round(int(price) * times)
                    if float(price) < 20
                    else round(int(price) * times / 10) * 10 - 1
                )
                code = f"{letters}{rank + 1:02d}{kind + 1}"
                products.append(Product(code, name + suffix, category, float(charm)))
                share = 1 / (rank + 2.5) / (1 + 1.3 * kind) / (float(price) / 40) ** 0.35
                homes.append(home * share)
                firms.append(firm * share)
    prices = np.array([product.price for product in products])
    return Catalogue(tuple(products), prices, _shares(homes), _shares(firms))


def _shares(weights: list[float]) -> NDArray[np.float64]:
    found = np.array(weights)
    return np.asarray(found / found.sum(), dtype=np.float64)
