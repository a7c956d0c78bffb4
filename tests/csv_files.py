"""CSV files from rows of text: how tests change tables of their own."""

import csv
import io
import os

from oracles.fees import rows


def as_csv(table):
    """Rows as the bytes of a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue().encode()


def put(path, content):
    """A new file in the place of another, as an update puts it there."""
    new = path.with_name(path.name + ".made")
    new.write_bytes(content)
    os.replace(new, path)


def change(path, changed):
    """Put what a function makes of a file's rows, one by one, in their place; None leaves one out,
    a list puts several there."""
    table = []
    for row in rows(path):
        made = changed(row)
        table += made if isinstance(made, list) else [] if made is None else [made]
    put(path, as_csv(table))
