rec a
: </no/such
rec never
