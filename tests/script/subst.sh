# $( ): nesting, splitting, newlines, quotes within, subshell rules.
rec $(emit a b c)
rec "$(emit a b c)"
rec x$(emit a b)y "x$(emit a b)y"
rec $(raw '') "$(raw '')"
rec "$(emit a; emit b)" $(emit a; emit b)
A=$(emit '  two  blanks  '); rec "$A" $A
rec "$(emit "$(emit "deep $(emit er)")")"
rec $(emit ')') "$(emit "(")" $(emit \))
rec $(
  emit first # comment )
  emit second
)
B=1; C=$(B=2; emit $B); rec $B $C
rec $(for i in 1 2; do emit $i; done) $i
rec "$(status 3)" $?
D=$(emit x | recin); rec "$D"
rec $(exit 5; emit never) $?
E=$(emit out; warn err 2>/dev/null); rec "$E"
rec "$(emit a
emit b)"
F=$(raw 'a

b


'); rec "$F"
rec $(emit 'q*') "$(emit '*')"
G=$(true); rec "$G" $?
$(emit rec called) args
$(emit rec) "$(emit x)"
rec $()x "$()"
rec $(emit a)$(emit b) "$(emit a)$(emit b)"
rec $(emit 'x  y' "z
w")
set -f; rec $(emit '*'); set +f
