set -e
emit a | false | true
rec 1
true | recin | recin
for i in 1 2; do status 0 || rec no; ! status 0 || rec no2; done
rec 2
emit a | status 3 || rec 3 $?
if_=1; rec $if_
recin <<E || rec no
$(status 3)x
E
rec 4
rec $(status 3) 5
export A=$(status 3)
rec 6
: $(status 3)
rec 7
emit x | status 9
rec never
