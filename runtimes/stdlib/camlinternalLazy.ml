(* Forcing of lazy values.

   A suspension is a block whose tag is its state: [Obj.lazy_tag] (field 0 is
   the closure to run), [Obj.forcing_tag] (being computed), [Obj.forward_tag]
   (field 0 is the result).  The runtime changes tags, atomically, since
   several domains may force the same value. *)

type 'a t = 'a lazy_t

exception Undefined

(* Lazy to forcing: 0 when this call made the change. *)
external start_forcing : Obj.t -> int
  = "caml_lazy_update_to_forcing" [@@noalloc]
external back_to_lazy : Obj.t -> unit = "caml_lazy_reset_to_lazy" [@@noalloc]
external become_forward : Obj.t -> unit
  = "caml_lazy_update_to_forward" [@@noalloc]

(* The closure is dropped before it runs, so that it is not kept alive. *)
let take_closure block : unit -> 'a =
  let closure = Obj.obj (Obj.field block 0) in
  Obj.set_field block 0 (Obj.repr ());
  closure

let finish block result =
  Obj.set_field block 0 (Obj.repr result);
  become_forward block;
  result

let compute block =
  let closure = take_closure block in
  match closure () with
  | result -> finish block result
  | exception exn ->
      (* Every later force raises the same exception. *)
      Obj.set_field block 0 (Obj.repr (fun () -> raise exn));
      back_to_lazy block;
      raise exn

(* For [Lazy.force_val]: after an exception the value stays [forcing]. *)
let compute_only_val block = finish block (take_closure block ())

let force_block ~only_val suspension =
  let block = Obj.repr suspension in
  if start_forcing block <> 0 then raise Undefined
  else if only_val then compute_only_val block
  else compute block

let force_lazy_block (suspension : 'a lazy_t) : 'a =
  force_block ~only_val:false suspension

let force_gen ~only_val (suspension : 'a lazy_t) : 'a =
  (* Opaque: the compiler must not assume what a constant lazy value is. *)
  let suspension = Sys.opaque_identity suspension in
  let v = Obj.repr suspension in
  let tag = Obj.tag v in
  if tag = Obj.lazy_tag then force_block ~only_val suspension
  else if tag = Obj.forward_tag then Obj.obj (Obj.field v 0)
  else if tag = Obj.forcing_tag then raise Undefined
  else Obj.obj v

let indirect (suspension : 'a lazy_t) : 'a lazy_t =
  let suspension = Sys.opaque_identity suspension in
  let tag = Obj.tag (Obj.repr suspension) in
  if tag = Obj.lazy_tag || tag = Obj.forcing_tag then
    lazy (force_lazy_block suspension)
  else suspension
