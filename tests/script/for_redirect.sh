for i in a b; do emit $i; done | recin
for i in a b; do emit $i; done >$T.l; recin <$T.l
for i in 1 2; do recin $i; done <$T.l
for i in a b; do emit $i; warn w$i; done >$T.l 2>&1; recin <$T.l
emit x | for i in 1; do recin; done
for i in x; do emit <<E
no
E
done
for i in $(emit a b; emit c); do rec $i; done
