-: lib/csum.c lib/csum.h lib/base.h lib/byteorder.h
lib/csum.h:
lib/base.h:
lib/byteorder.h:
