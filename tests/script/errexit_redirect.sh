set -e
recin </no/such || rec caught
for i in 1; do rec x; done </no/such
rec never
