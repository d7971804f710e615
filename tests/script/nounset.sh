A=1
set -u
rec $A "$A"
rec $(emit "$A")
rec "${MISSING}"
rec never
