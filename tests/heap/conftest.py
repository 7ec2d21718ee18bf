"""Tests of tare._heap: sizes and references against known truth."""
