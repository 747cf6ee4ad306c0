/* Names of older releases: all of them left OCaml in 5.0; the file stays
   because stubs include it. */
#ifndef CAML_COMPATIBILITY_H
#define CAML_COMPATIBILITY_H
#endif
