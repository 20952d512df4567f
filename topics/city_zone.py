"""The city's zone: in it times are shown and days begin; stored are milliseconds UTC."""

from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
