rec "$(recin <<EOF
x $(emit y) "z"
EOF
)" end
rec $(emit a; false) $?
A=$(
  for i in 1 2; do
    emit $i # ) "
  done
)
rec "$A"
rec "a$(emit 'b"c')d" "$(emit "\"")"
rec "$(emit \\)" "$(emit '\')" "$(emit "\\\\")"
