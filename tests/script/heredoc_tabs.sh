recin <<-EOF
	tab
		tabs $(emit x)
	EOF
recin <<-'E'
		\$x
	y
	E
recin <<E
a\
b
E\
x
E
rec after
