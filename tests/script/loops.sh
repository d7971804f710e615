# for, nested, with break and continue, over words of every kind.
for i in 1 2 3; do rec $i; done
for i in a 'b c' "$NONE" $NONE d
do
  rec "$i"
done
for i
in x
do rec $i
done
for x in 1 2; do for y in a b; do rec $x$y; done; done
rec "after $x$y"
for i in; do rec never; done; rec $?
for i in $NONE; do rec never; done; rec $?
for i in 1 2 3; do rec $i; break; rec never; done; rec $? $i
for i in 1 2 3; do continue; rec never; done; rec $? $i
for i in 1 2; do for j in 1 2; do rec $i$j; continue 2; done; rec never; done
for i in 1 2; do for j in 1 2; do rec $i$j; break 2; done; rec never; done
for i in 1 2 3; do status $i && break || rec no $?; done; rec $?
for i in 1 2 3; do status 0 && break; done; rec $i
W='p q  r'
for i in $W "$W"; do rec "$i"; done
for i in 1 2; do i=x$i; rec $i; done; rec $i
for i in $(emit l m; emit n); do rec $i; done
for do in do; do rec $do; done
for i in for in do done; do rec $i; done
for i in 1 2; do status $i; done; rec $?
for i in 1; do :; done; rec $?
for i in 1 2; do A=$A$i; done; rec $A
for i in 1 2 3; do break 9; done; rec $i
break; rec outside $?
for i in 1 2; do
  # comment

  rec $i ; # another

done
for i in a b;do rec $i;done
for i in 'x;y' z\;w; do rec "$i"; done
