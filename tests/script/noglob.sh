set -f
emit >$T.g1
rec $T.g*
set +f
rec $T.g*
set -fe
rec *
set +e +f
false
rec $T.g[1]
