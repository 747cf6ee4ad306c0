(* What the phrases of a session tell of themselves; the order of these is known to the compiler. *)
val starting : int -> unit
val finished : Obj.t array -> unit
val raised : exn -> unit
