# Redirections into files, in every order; streams joined and parted.
emit one > $T.a
recin < $T.a
emit two >> $T.a
recin <$T.a
emit three>$T.a
recin x <$T.a y
>$T.b emit before the command
recin <"$T.b"
>$T.b
recin <$T.b
emit both 2>&1 | recin
warn w 2>&1 | recin
warn gone 2>/dev/null | recin
warn w 2>&1 >/dev/null | recin
warn w >/dev/null 2>&1 | recin
warn to file 2>$T.c
recin <$T.c
warn appended 2>>$T.c
recin <$T.c
emit x 1>$T.c; recin <$T.c
emit to err 1>&2 2>/dev/null
emit to err 2>$T.d 1>&2
recin <$T.d
for i in 1 2 3; do emit $i; warn w$i; done >$T.e 2>&1
recin <$T.e
for i in 1 2; do recin $i; done <$T.e
for i in $(recin sub <$T.e); do rec $i; done
emit a >$T.f >$T.g
recin <$T.f; recin <$T.g
recin </dev/null
recin <$T.none; rec $?
emit x >/nonexistent/dir/file; rec $?
emit x </nonexistent && rec never || rec failed
: >$T.h; recin <$T.h
W="$T.with blank"
emit w >"$W"; recin <"$W"
emit w2 >$T.i >&2 2>/dev/null
emit cat >| $T.j; recin <$T.j
A=$(emit captured >$T.k); rec "$A"; recin <$T.k
emit 2 > $T.l; recin <$T.l
emit a2>$T.m; recin <$T.m
emit a 2>$T.m; recin <$T.m
status 3 >$T.n; rec $?
for i in $(recin words); do rec $i; done <$T.e
for i in $(rec never); do rec $i; done <$T.none; rec $?
for i in 1; do emit $i; done >$T.o; recin <$T.o
