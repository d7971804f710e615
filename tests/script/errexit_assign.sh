set -e
A=$(status 3)
rec never
