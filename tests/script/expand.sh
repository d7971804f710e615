# Variables, splitting, what is and is not split.
A=1
B='x  y'
C="  lead and trail  "
D=
E='a*b'
rec $A ${A} "$A" "${A}" $A$A ${A}2 "$A"2 $A"2"
rec $B "$B" $B$B x$B"y" "$B"$B
rec $C "$C" x$C"y" $C$C
rec $D "$D" $D$D x$D $D"" ""$D
rec $NONE "$NONE" a${NONE}b
F=$B
rec "$F"
G=$B$C'q'"r"
rec "$G"
H=a=b
rec "$H" $H=c
A=2 B=3 C=$A$B
rec "$A" "$B" "$C"
I="a
b	c"
rec $I "$I"
J='$A'
rec $J "$J"
K='"quoted" \back'
rec $K "$K"
_x9=under
rec $_x9 ${_x9}y $_x9-z $_x9.a "$_x9/b"
L='\*'
rec "$L"
set -f
rec $E *
set +f
rec "$E"
M=" "
rec a$M"b" a$M$M"b" "$M" a"$M"b
rec $M
rec x $M y
N='~'
rec $N a~b x=~y
