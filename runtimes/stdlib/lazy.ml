(* Deferred computations.  Representation: see [CamlinternalLazy]. *)

type 'a t = 'a CamlinternalLazy.t

exception Undefined = CamlinternalLazy.Undefined

external force : 'a t -> 'a = "%lazy_force"
external make_forward : 'a -> 'a t = "caml_lazy_make_forward"

let force_val suspension = CamlinternalLazy.force_gen ~only_val:true suspension

let is_val (suspension : 'a t) =
  Obj.tag (Obj.repr suspension) <> Obj.lazy_tag

let from_fun (f : unit -> 'a) : 'a t =
  let block = Obj.new_block Obj.lazy_tag 1 in
  Obj.set_field block 0 (Obj.repr f);
  Obj.obj block

(* A value is its own suspension, except where its tag would be taken for a
   state of one, or where an array of suspensions would look like an array of
   floats. *)
let from_val (v : 'a) : 'a t =
  let tag = Obj.tag (Obj.repr v) in
  if tag = Obj.lazy_tag || tag = Obj.forcing_tag || tag = Obj.forward_tag
     || tag = Obj.double_tag
  then make_forward v
  else Obj.magic v

let map f suspension = lazy (f (force suspension))

let map_val f suspension =
  if is_val suspension then from_val (f (force suspension))
  else map f suspension
