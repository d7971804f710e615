rec -- - -n -e
emit -n x; emit '\n'
raw a; raw b; emit
rec = == =a a= 1=2 a-b=c
rec { } } {a,b} a{b ! ]] [[
rec if for do done then
rec a if; rec in
rec \~x a~ '~'
