/* The version of OCaml that this runtime implements. */
#ifndef CAML_VERSION_H
#define CAML_VERSION_H
#define OCAML_VERSION_MAJOR 5
#define OCAML_VERSION_MINOR 4
#define OCAML_VERSION_PATCHLEVEL 1
#define OCAML_VERSION 50401
#define OCAML_VERSION_STRING "5.4.1"
#endif
