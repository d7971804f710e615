for i in a b c; do for j in 1 2 3; do
  rec $i$j
  emit $j | recin
  false || continue 2
done; rec no; done
for i in; do rec no; done
rec $?
for i in 1 2 3; do status $i; done
rec $? $i
for x in "a b" c\ d 'e  f' $NONE ""; do rec "$x"; done
false
for i in $NONE; do :; done
rec $?
