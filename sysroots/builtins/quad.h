/* The type and the names of quad.c: `long double` and `__addtf3` in a sysroot, `__float128` and `own_addtf3` in its test. */

#ifdef QUAD_TEST
typedef __float128 quad;
#define ROUTINE(name) own_##name
#else
typedef long double quad;
#define ROUTINE(name) __##name
#endif
