A=1; B=$A C=$B; rec $A $B $C
A=$A$A; rec $A
D="$(emit "x  y")"; rec $D; rec "$D"
F=$D; rec "$F"
G=$(emit '*'); rec "$G"
H=a=b=c; rec $H
I=*; rec "$I"
J='a b'c" d"; rec "$J"
K= L=x; rec "$K" $L
export M=1 N; rec $M $N
export O="a b" P=$J; rec "$O" "$P"
unset A; rec $A "${A}" x
