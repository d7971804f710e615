set -e
false || rec 1
! true
rec 2
! false
rec 3
true && false || rec 4
false && true
rec 5 $?
for i in 1 2; do false && true; rec $i; done
A=$(false) || rec 6
rec "$(false)" 7
rec "$(false; rec 8)"
status 3 | true
rec 9
false
rec never
