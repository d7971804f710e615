A=abc
rec "$A"'$A'"\$A"\$A$A
rec a"b"c'd'e\ f
rec "a b"' c '"d"
rec 'it'\''s'
rec "$(emit "$A")$A"
rec $A'*' "$A"\* 
rec \a\b\ \	c
rec 'new
line' "new
line" new\
line
