true &\
& rec and
false |\
| rec or
emit a |\
 recin pipe
emit a >\
$T.a; emit b >\
> $T.a; recin <\
$T.a file
recin <\
<E here
hi
E
recin <<\
-E tabs
	hi
	E
recin <<E 2\
>&1 number
E
warn gone 2>\
&1 >/dev/null | recin dup
warn gone 2>&\
1 | recin dup
fo\
r I i\
n 1 2; d\
o rec "$I"; don\
e
for \
N\
AME in x; do rec "$NAME"; done
X\
Y=5
X\
=6
rec $\
X "$\
XY" ${\
X\
} "$\
{XY}" $(\
emit s)
rec "$\
(emit t)"
!\
 false && rec not
rec 'a\
b' "c\\
d" e\\
rec 1\
2 \
# comment \
rec end
