"""Positions and permits from files, each line by itself."""

from records.carriage.rows import permit_rows, told_rows

HEAD = "carrier,time,lat,lon,speed_kmh,site,trip,containers,located\n"


def test_a_csv_of_a_terminal_with_times_in_three_forms() -> None:
    text = HEAD + (
        "津A12345,150812225146,39.04,117.73,42,haul-01,YD-1,TCNU1234567|TCNU7654321,true\n"
        "津A12345,2015-08-12T22:51:46,39.04,117.73,,haul-01,,,\n"
        "津A12345,1439391106000,39.04,117.73,,haul-01,,,0\n"
    )
    rows = [each.row or {} for each in told_rows(text)]
    assert [each["time"] for each in rows] == [1_439_391_106_000] * 3
    assert rows[0]["containers"] == ["TCNU1234567", "TCNU7654321"]
    assert (rows[0]["event"], rows[0]["speed_kmh"], rows[2]["located"]) == ("position", 42.0, False)
    assert "speed_kmh" not in rows[1]


def test_each_bad_line_is_told_by_itself() -> None:
    text = HEAD + "津A1,yesterday,39,117,,,,,\n津A1,150812225146,95,117,,,,,\n津A1\n"
    text += "津A1,150812225146,39,117,,,,,maybe\n"
    lines = list(told_rows(text))
    assert [each.number for each in lines] == [2, 3, 4, 5]
    assert all(each.row is None and each.problem for each in lines)
    assert "lat" in lines[1].problem


def test_json_lines_may_hold_waybills_too() -> None:
    waybill = (
        '{"event":"waybill","id":"YD-1","carrier":"A","site":"s","time":"2015-08-12T20:00:00",'
        '"departs":1439391106000,"arrives":1439391107000,"route":[[39.0,117.7],[39.1,117.7]]}'
    )
    good, bad = told_rows(f"{waybill}\n\n{{broken")
    assert good.row is not None
    assert good.row["time"] == 1_439_380_800_000
    assert (bad.number, bad.row) == (3, None)


def test_permits_of_a_register() -> None:
    text = "role,holder,kind,number,valid_from,valid_to,classes\ndriver,D-1,licence,7,2015-01-01,2016-01-01,3|4\n"
    (line,) = permit_rows(text)
    assert line.row is not None
    assert line.row["classes"] == ["3", "4"]
    (bad,) = permit_rows(text.replace("driver", "cook"))
    assert "role" in bad.problem
