"""The texts of guide.csv by code, each with what it shares with another row."""

from pathlib import Path

from oracles.fees import rows


def own_texts(file: Path) -> dict[str, dict[str, str]]:
    """Each row as it stands in the file."""
    return {row["code"]: row for row in rows(file)}


def whole_texts(file: Path) -> dict[str, dict[str, str]]:
    """Each row as it is read: what it leaves empty stands in the row it is like."""
    own = own_texts(file)
    return {
        code: {name: row[name] or own[row["like"]][name] for name in row if name != "like"}
        if row["like"]
        else {name: row[name] for name in row if name != "like"}
        for code, row in own.items()
    }
