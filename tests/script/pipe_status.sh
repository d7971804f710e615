false | true; rec $?
true | false; rec $?
status 3 | status 4; rec $?
! false | true; rec $?
! true | false; rec $?
emit a | recin | recin x
emit a |
# c
recin nl
emit x | false || rec or $?
