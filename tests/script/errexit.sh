# set -e: what ends the script and what does not.
set -e
false || rec a
! true
rec b
false && rec never
rec c
! false
for i in 1 2; do false || rec $i; done
true | true
false | true
rec d
A=$(true)
rec $(false) e
set +e
false
rec f
set -e
for i in 1; do false && true; done || rec g
for i in 1 2; do ! true; done
rec $(emit in; false; emit never) h
status 3
rec never
