A='  x  y  '
rec $A
rec "$A"
rec a$A
rec $A"b"
rec a${A}b
rec "$A"$A
rec $A$A
rec ""$A
rec $A""
E=
rec $E
rec "$E"
rec $E$E ""$E '' $NONE
rec $E"x"$E
