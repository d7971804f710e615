rec a;rec b&&rec c||rec d|recin
rec a>$T.r;recin<$T.r
rec 2>$T.r;rec 2 >$T.r;rec a2>$T.r
rec "2">$T.r; rec \2>$T.r
recin<<E;rec x
y
E
emit a b>$T.r c; recin <$T.r
<$T.r recin
>$T.r emit pre; recin <$T.r
2>&1 warn x | recin
