true && rec 1 || rec 2
false && rec 1 || rec 2
false || true && rec 3
true || rec no && rec 4
! true || rec 5
! false && rec 6
false && rec a && rec b || rec c && rec d
status 3 || rec $?
status 3 && rec no
rec $?
true &&

rec nl ||
# comment
rec no
