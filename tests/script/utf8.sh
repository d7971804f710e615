rec é ü€ "日本" '😀' $(emit ä)
A=ñ; rec $A${A}x "${A}é"
emit é >$T.é; rec $T.é; rec $T.*; recin <$T.é
