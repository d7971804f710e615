set -e
rec a
true | status 4
rec never
