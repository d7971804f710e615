A='a*b ? [x]'
rec $A
rec "$A"
emit >$T.q1; emit >$T.q2
P=$T.q
rec $P*
rec "$P*"
rec "$P"*
rec $P\*
rec $P[12] $P[!1] $P[3] $P?
G="$P*"
rec $G
rec "$G"
rec $P[1-9]
rec $P'['12]
for i in $P*; do rec $i; done
for i in $P*nomatch; do rec $i; done
