# Here-documents: expanded, literal, with tabs, several at once.
A=value
recin <<EOF
plain
$A ${A} "$A" '$A' \$A \\ \a \"
EOF
recin <<'EOF'
$A ${A} "x" \$A \\ `no` $(no)
EOF
recin <<"EOF"
$A
EOF
recin <<\EOF
$A
EOF
recin <<E"O"F
$A
EOF
recin <<-EOF
	one tab
		two tabs
	 	tab after blank
	EOF
recin <<-'EOF'
	$A
		x
	EOF
recin <<EOF
EOF
recin <<EOF

EOF
recin a <<A; recin b <<B
from a
A
from b
B
recin <<EOF && rec and
x
EOF
recin <<EOF | recin piped
never seen
EOF
recin <<EOF
joined \
line
EOF
recin <<EOF
$(emit sub; emit two)
and $(emit "quo ted") "$(emit 'in quotes')"
EOF
recin <<EOF
$(emit a
emit b)
EOF
recin <<EOF
  EOF
EOFX
 EOF
EOF
for i in 1 2; do recin <<EOF
round $i
EOF
done
for i in 1 2; do
  recin $i <<-EOF
	in loop $i
	EOF
done
recin <<EOF >/dev/null
out of sight
EOF
B=$(recin inside <<EOF
body
EOF
)
recin <<EOF 2>&1
$?
EOF
recin << EOF
blank before
EOF
recin <<EOF extra words
behind
EOF
<<EOF recin before
first
EOF
recin <<A <<B
gone
A
kept
B
recin <<'E O F'
spaced end
E O F
recin <<EOF
a*b ~ $NONE| $ $% ${A}x
EOF
recin <<EOF; rec done
tail	tab
EOF
