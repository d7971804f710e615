recin <<EOF
$(emit one; emit two
emit three)
$(recin <<E2
inner
E2
)
EOF
recin <<'EOF'
$(emit no) `x` ${ $((
EOF
recin <<"E O F"
$A
E O F
recin <<\E
\
E
