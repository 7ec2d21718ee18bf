"""What was counted while a function was delayed; tare.whatif begins that in the target."""

page_bytes: int

def read(page: bytes, /) -> dict[str, int | str | bool]: ...
