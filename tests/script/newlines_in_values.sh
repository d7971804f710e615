A='x
y  z'
rec $A
rec "$A"
for i in $A; do rec "$i"; done
B="$(emit "$A")
"
rec "$B" $B
T1=$(emit; emit; emit a; emit); rec "$T1"
TAB='a	b'; rec $TAB "$TAB"
C=$(raw '  lead'); rec "$C" $C x$C
D=$(raw 'trail  '); rec "$D"x $D"x" $(raw 'trail  ')x
rec $(raw ' a ')$(raw ' b ')
rec x$(raw ' ')y x$(raw '')y
