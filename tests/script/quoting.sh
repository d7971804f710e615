# Quotes, backslashes, empty words, words joined of pieces.
rec a 'b c' "d e" f\ g
rec '' "" x''y "a"'b'c\d
rec 'a\b' "a\b" a\\b "a\\b" "a\"b" "a\$b" "a\`b" 'a"b' "a'b"
rec "a
b" 'c
d' e\
f "g\
h"
rec \
  continued   \
  line
rec # nothing but a comment
rec a#b '#' \# "#" a# #end
rec q* "*" '*' \*
rec { } {a,b} a{ }b ! =x x= a=b
rec $ "$" '$' a$ "a$" $, "$," "$ x" $/
rec tab	tab "tab	tab"
rec '	' "	" 	end
rec "" '' "$NONE" '$NONE'
rec é "ü" 'ß' \€
rec \a \n \t '\n' "\n" "\t"
rec -n -- --x=y @a %b +c a:b a/b ^ , .
rec q* "*" '*' \*
rec [ ] [a '[a]' [[ ]] q? '?' [q
