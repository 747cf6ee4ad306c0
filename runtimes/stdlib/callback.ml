(* Values that C code finds by name. *)

external register : string -> 'a -> unit = "caml_register_named_value"

(* What is registered is the constructor, not an exception made with it: it is
   field 0 of an exception that has arguments. *)
let register_exception name (exn : exn) =
  let v = Obj.repr exn in
  register name (if Obj.tag v = Obj.object_tag then v else Obj.field v 0)
