"""Names of the trade: which of them mean dangerous goods, and which only sound like it. The lists are made by hand."""

import pytest

from detectors.rules.goods_name import NameMatcher, distance
from topics.goods import load_goods
from topics.goods_names import load_goods_names, names_of

KNOWN = load_goods_names()
MATCHER = NameMatcher(names_of(load_goods(), KNOWN, {}), KNOWN.reading)

#: Written for this test after the ways in which declarations are known to be hidden: trade names, slips, padding.
HIDDEN = {
    "Industrial amonium nitrate, 25 kg bags": "1942",
    "AMMONIUM  NITRATE (prilled)": "1942",
    "工业级硝酸铵": "1942",
    "Sodium cyanid solid in drums": "1689",
    "山奈钠": "1689",
    "Caustic soda pearls 99%": "1823",
    "片碱(氢氧化钠)": "1823",
    "methanol 99.9% pure": "1230",
    "Wood alcohol": "1230",
    "甲醇（工业）": "1230",
    "Hydrogen peroxyde 50%": "2014",
    "Li-ion battery packs": "3480",
    "锂电池 (手机配件)": "3480",
    "Tolylene di-isocyanate": "2078",
    "TDI 80/20": "2078",
    "Nitrocotton": "2556",
    "硝化棉": "2556",
    "Gasolene": "1203",
    "Calcium carbide, 50 kg drums": "1402",
    "电石": "1402",
    "Potasium nitrate crystals": "1486",
    "metallic sodium": "1428",
    "magnesium powder": "1869",
    "Sulfuric acid conc.": "1830",
    "Methanol, origin Saudi Arabia": "1230",
    "Magnesium granules for metallurgy": "1869",
    "Chlorine liquefied in cylinders": "1017",
    "gasoline 92 RON": "1203",
    "carbide of calcium": "1402",
    "聚氨酯原料TDI": "2078",
    "镁粉 200目": "1869",
    "Natrium cyanide": "1689",
    "过氧化氢 27.5%": "2014",
    "液氨钢瓶": "1005",
    "镁屑": "1869",
    "工业甲醇": "1230",
    "锂电池模组": "3480",
}

#: Ordinary goods, among them those that sound most like dangerous ones.
ORDINARY = (
    "sodium chloride",
    "table salt, food grade",
    "sodium bicarbonate",
    "potassium citrate",
    "magnesium sulphate",
    "calcium ammonium nitrate-free compost",
    "methanol-free windscreen wash",
    "menthol crystals",
    "citric acid anhydrous",
    "polyacrylonitrile fibre",
    "lithium grease",
    "hose for sulphuric acid",
    "chlorine-free paper",
    "silicon carbide discs",
    "tungsten carbide inserts",
    "polystyrene foam boards",
    "ammonia-resistant gloves",
    "petrol pump spare parts",
    "motor spares",
    "hydrogen peroxide test kit",
    "empty LPG cylinder valves",
    "alcohol wipes, wood pulp",
    "soda ash",
    "cotton yarn",
    "cellulose acetate frames",
    "magnesium alloy wheels",
    "sodium alginate",
    "calcium carbonate",
    "phosphate rock",
    "potassium chloride (MOP)",
    "charger for lithium ion batteries",
    "nitrile gloves",
    "baking soda",
    "硫酸铜",
    "硫酸钡",
    "硫酸镁肥",
    "硝酸铵钙",
    "氯化钠",
    "聚丙烯腈纤维",
    "聚苯乙烯泡沫",
    "过氧化氢酶",
    "甲醇检测仪",
    "无汞电池",
    "镁铝合金轮毂",
    "氯化镁",
    "磷酸铁锂正极材料",
    "磷酸氢钙",
    "钠石灰玻璃",
    "汽油机配件",
    "电石炉耐火砖",
    "锂电池充电器",
    "盐酸小檗碱片",
    "瓷砖",
    "棉纱",
    "家具",
    "汽车零件",
    "玩具",
    "苹果汁",
    "frozen fish",
    "ceramic tiles",
    "office furniture",
    "steel coils",
    "双氧水杯",
    "磷酸铁锂电池壳",
    "甲醇合成催化剂",
    "硝酸纤维素膜(医用)",
    "液氨储罐配件",
    "氨基酸",
    "氯丁橡胶",
    "碳化硅",
    "镁砂",
    "sodium lauryl sulfate",
    "methyl salicylate balm",
    "peroxide-cured hose",
    "ammonia-free hair dye",
    "petroleum coke",
)


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_hidden_is_found(name: str) -> None:
    found = MATCHER.match(name)
    assert (found.un if found else "") == HIDDEN[name]


@pytest.mark.parametrize("name", ORDINARY)
def test_what_only_sounds_like_it_is_left_alone(name: str) -> None:
    assert MATCHER.match(name) is None


#: They bear one name, told apart by what wets them.
NITROCELLULOSES = {"0340", "2555", "2556", "2557"}
#: Families whose entries bear one name and are told apart by type and state.
FAMILIES = (
    NITROCELLULOSES,
    {"1385", "1849"},
    {str(un) for un in range(3111, 3121)},  # organic peroxides, temperature controlled
    {str(un) for un in range(3231, 3241)},  # self-reactive substances, temperature controlled
)


def test_every_name_of_the_list_means_itself() -> None:
    for un, entry in load_goods().items():
        for title in (entry.title.en, entry.title.zh):
            found = MATCHER.match(title)
            assert found is not None, title
            assert found.un == un or any({found.un, un} <= family for family in FAMILIES), title


def test_a_pack_adds_the_names_of_its_own_cases() -> None:
    row = {"un": "1942", "source": "a case of ours", "confirmed": True}
    own = NameMatcher(names_of(load_goods(), KNOWN, {"goods_names": {"plant food no 5": row}}), KNOWN.reading)
    found = own.match("Plant food no. 5, bags")
    assert found is not None and found.un == "1942" and MATCHER.match("Plant food no. 5, bags") is None


def test_slips_of_the_pen_are_counted_with_exchanged_letters() -> None:
    assert [distance("nitrate", each, 2) for each in ("nitrate", "nirtate", "nitrat", "nitrites", "x")] == [
        0,
        1,
        1,
        2,
        3,
    ]
