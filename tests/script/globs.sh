# Pathnames: sorted, quoted, unmatched, hidden, from variables.
: >$T.a1; : >$T.a2; : >$T.b1; : >$T.B; : >"$T.c d"
rec $T.*
rec $T.a* $T.?1 $T.[ab]1 $T.[!a]1 $T.[a-b][0-9]
rec "$T".* "$T.*" $T.\* $T.'*'
rec $T.z* $T.[z] $T.?
P=$T.a*; rec $P "$P"
for f in $T.a*; do rec "$f"; done
rec $T.c* "$T.c "*
rec $T.[]] $T.[ $T.a[ ]
A=$T.b*
rec "$A"
rec $(emit $T.a*)
emit x >$T.b*; rec $?
set -f; rec $T.a*; set +f
rec /tmp/../tmp/./*none*
rec $T.*1* $T.a1* $T*a1
Q='[ab]1'; rec $T.$Q "$T.$Q"
rec $T.\a1 $T.'a'? $T."a"[12]
