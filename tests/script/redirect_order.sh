warn a 2>$T.e; recin <$T.e
warn b 2>&1 | recin
warn c 2>&1 >$T.o | recin
recin <$T.o
warn d >$T.o 2>&1; recin <$T.o
emit e >$T.o >$T.p; recin <$T.o; recin <$T.p
emit f 1>&2 2>/dev/null | recin
emit g >>$T.n; emit h >>$T.n; recin <$T.n
>$T.z; recin <$T.z
emit x >"$T.sp ace"; recin <"$T.sp ace"
