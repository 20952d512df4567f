"""`citybrain replay cargo-road`: a truck on its way to the port, held against its story."""

import json
from pathlib import Path


def play_cargo(write: Path | None, as_json: bool) -> int:
    """Play it and print what came of it; 0 if the story holds. ``write``: put its messages there as JSON Lines."""
    from streams.replays.cargo_road import as_rows, load_scenario
    from streams.replays.cargo_road_run import figures, replay_cargo_road

    if write is not None:
        rows = as_rows(load_scenario())
        write.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    played = replay_cargo_road()
    told = figures(played)
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for each in told["said"]:
            print(f"{each['second'] // 60:>3}:{each['second'] % 60:02}  {each['severity']:7} {each['text']}")
        for second, holder in told["moments"].items():
            print(f"{int(second) // 60:>3} min  the box is with {holder}")
        print(f"missed {len(played.missed)}, unwanted {len(played.unwanted)}, alarms {played.alarms}")
    return 1 if played.missed or played.unwanted else 0
