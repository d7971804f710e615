rec a#b #c
rec '#' "#" \# a\ #x
rec a;#comment
rec b # ' unclosed
# "
rec c	# tab
rec d\
#no comment
