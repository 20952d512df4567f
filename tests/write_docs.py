"""Writes the generated pages of docs/; run by ``make docs``."""

from pathlib import Path

from streams.reference import PAGES

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write every page and say which have changed."""
    for path, page in PAGES.items():
        target, text = ROOT / path, page()
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
