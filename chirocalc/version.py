"""The version, in this one place: pyproject.toml reads it here, and no installation is needed."""

VERSION = "0.2.0"
