rec $(emit $(emit $(emit "a  b")))
rec "$(emit "$(emit "a  b")")"
rec $(emit 'a)b') "$(emit ")")" $(emit \))
rec $(emit a # comment )
)
rec $(
emit x
)
rec a$(emit b)c$(emit d e)f
rec "$(emit x; emit; emit)" 
rec $() "$()" a$()b
