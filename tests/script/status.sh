# $?, && || !, what counts and what does not.
true; rec $?
false; rec $?
status 7; rec $?
status 7 || rec $?
status 0 && rec yes || rec no
status 1 && rec yes || rec no
status 1 || status 2 || rec third $?
status 0 && status 3; rec $?
status 0 || rec never; rec $?
! status 0; rec $?
! status 5; rec $?
! status 5 && rec a || rec b
true && ! false && rec c
A=1; rec $?
A=$(status 4); rec $?
A=$(status 4)$(true); rec $?
A=x B=$(status 9); rec $?
rec $(status 4) "$?"
emit x >/dev/null; rec $?
status 3 | true; rec $?
true | status 3; rec $?
! true | status 3; rec $?
$NONE; rec $?
status 6
$NONE
rec $?
status 6
rec $(emit $?)
false; A=$?; rec $A
: ; rec $?
status 1 &&
rec not here ||

# a comment between
rec here
true && # behind an operator
rec after
status 255; rec $?
status 8 || : ; rec $?
