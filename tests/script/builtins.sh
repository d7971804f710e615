# : true false export unset set, as commands among others.
: a b c; rec $?
true x; rec $?
false x; rec $?
export A=1; rec $A
export B; rec "$B"
C=3; export C; rec $C
export D=$C E='x y'; rec "$D" "$E"
unset A C; rec "$A" "$C"
unset -v D; rec "$D"
unset NEVER; rec $?
set -e; set +e; false; rec $?
set -ef; set +fe; rec on
for i in 1 2; do true; done && rec ok
N=true; $N && rec indirect
: $(rec side effect)
: >$T.x && rec made
