(** Linked last in every program: runs the functions of {!Stdlib.at_exit}. *)

