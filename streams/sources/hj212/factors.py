"""What is measured and how it is written: factor codes of HJ 212-2017 Annex B, those of 2005, field names.

Units are the annex's default units of concentration; a station's own unit stands in the registry. For
particles and ozone the annex prints ng/m3 or nothing, stations send ug/m3, and so it says here.
"""

import msgspec

from topics.finding import Text


class Factor(msgspec.Struct, frozen=True):
    """One code: its name in both languages and the unit of its concentration."""

    name: Text
    unit: str


_ROWS = """
w00000 L/s 污水流量 Waste water flow
w01001 pH pH值 pH
w01003 NTU 浊度 Turbidity
w01009 mg/L 溶解氧 Dissolved oxygen
w01010 °C 水温 Water temperature
w01012 mg/L 悬浮物 Suspended solids
w01014 uS/cm 电导率 Conductivity
w01017 mg/L 五日生化需氧量 BOD5
w01018 mg/L 化学需氧量 COD
w01019 mg/L 高锰酸盐指数 Permanganate index
w02003 1/L 粪大肠菌群 Faecal coliforms
w20111 ug/L 总汞 Mercury, total
w20115 ug/L 总镉 Cadmium, total
w20117 ug/L 六价铬 Chromium VI
w20119 ug/L 总砷 Arsenic, total
w20120 ug/L 总铅 Lead, total
w20122 mg/L 总铜 Copper, total
w20123 mg/L 总锌 Zinc, total
w20124 mg/L 总锰 Manganese, total
w21001 mg/L 总氮 TN (total nitrogen)
w21003 mg/L 氨氮 NH3-N (ammonia nitrogen)
w21011 mg/L 总磷 TP (total phosphorus)
w21016 mg/L 氰化物 Cyanide
w22001 mg/L 石油类 Petroleum
a00000 m3/s 废气流量 Gas flow
a01001 °C 温度 Temperature
a01002 % 湿度 Humidity
a01006 kPa 气压 Air pressure
a01007 m/s 风速 Wind speed
a01008 ° 风向 Wind direction
a01011 m/s 烟气流速 Flue gas velocity
a01012 °C 烟气温度 Flue gas temperature
a01013 kPa 烟气压力 Flue gas pressure
a01014 % 烟气湿度 Flue gas moisture
a01016 m2 烟道截面积 Duct area
a01017 kPa 烟气动压 Flue gas dynamic pressure
a05024 ug/m3 臭氧 Ozone
a19001 % 氧气含量 O2 (oxygen content)
a21001 mg/m3 氨 NH3 (ammonia)
a21002 mg/m3 氮氧化物 NOx (nitrogen oxides)
a21003 mg/m3 一氧化氮 NO (nitric oxide)
a21004 mg/m3 二氧化氮 NO2 (nitrogen dioxide)
a21005 mg/m3 一氧化碳 CO (carbon monoxide)
a21022 mg/m3 氯气 Chlorine
a21024 mg/m3 氯化氢 HCl (hydrogen chloride)
a21026 mg/m3 二氧化硫 SO2 (sulphur dioxide)
a21028 mg/m3 硫化氢 H2S (hydrogen sulphide)
a24087 mg/m3 总烃 Total hydrocarbons
a24088 mg/m3 非甲烷总烃 NMHC (non-methane hydrocarbons)
a25002 mg/m3 苯 Benzene
a34001 ug/m3 总悬浮颗粒物 TSP
a34002 ug/m3 可吸入颗粒物 PM10
a34004 ug/m3 细颗粒物 PM2.5
a34013 mg/m3 烟尘 Soot and dust (PM)
LA dB A计权声级 A-weighted sound level
"""


def _read(rows: str) -> dict[str, Factor]:
    table = {}
    for row in rows.strip().splitlines():
        code, unit, zh, en = row.split(" ", 3)
        table[code] = Factor(Text(zh, en), unit)
    return table


FACTORS = _read(_ROWS)

#: Codes of HJ/T 212-2005 that are still sent, and those of 2017 that mean the same.
CODES_2005 = {
    "001": "w01001", "011": "w01018", "060": "w21003", "065": "w21001", "101": "w21011",
    "B01": "w00000", "B02": "a00000",
    "S01": "a19001", "S02": "a01011", "S03": "a01012", "S05": "a01014", "S08": "a01013",
    "01": "a34013", "02": "a21026", "03": "a21002", "04": "a21005", "05": "a21028", "08": "a21024",
}  # fmt: skip

#: Fields that are values of their own: the statistics of a series.
STATISTICS = frozenset(
    {"Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax", "RS", "RT", "Data", "DayData", "NightData"}
)

#: Field names by their lower-case form, because devices write them in any case.
FIELDS = {name.lower(): name for name in (*STATISTICS, "Flag", "EFlag", "SampleTime", "Info", "ValidNum", "TotalNum")}


def code_of_2017(code: str) -> str:
    """The code a series id has: that of 2017 for an old one and for one in the wrong case, else the code itself."""
    if code in FACTORS:
        return code
    return code.lower() if code.lower() in FACTORS else CODES_2005.get(code.upper(), code)


def field_name(name: str) -> str:
    """A field's name as the standard writes it; an unknown one as it came."""
    return FIELDS.get(name.lower(), name)


def unit_of(code: str, field: str) -> str:
    """The default unit of a factor's field, empty where there is none.

    >>> unit_of("w01018", "ZsAvg"), unit_of("w01018", "Cou"), unit_of("w00000", "Cou")
    ('mg/L', 'kg', 'm3')
    """
    factor = FACTORS.get(code)
    if field == "RT":
        return "h"
    if factor is None or field not in STATISTICS or field == "RS":
        return ""
    if field != "Cou":
        return factor.unit
    if code in ("w00000", "a00000"):
        return "m3"
    # A sum over a period is a mass where the value is a mass in a volume, and has no meaning elsewhere.
    return "kg" if factor.unit.startswith(("mg/", "ug/")) else ""
