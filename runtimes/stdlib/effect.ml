(* Effect handlers.  The stack switches are primitives of the compiler; a
   fiber's handler is three closures that the runtime keeps with its stack. *)

type 'a t = 'a eff = ..

exception Unhandled : 'a t -> exn
exception Continuation_already_resumed

external perform : 'a t -> 'a = "%perform"

let () =
  Printexc.register_printer (function
    | Unhandled eff ->
        let name = Printexc.string_of_extension_constructor (Obj.repr eff) in
        Some ("Stdlib.Effect.Unhandled(" ^ name ^ ")")
    | _ -> None)

(* The runtime raises both exceptions. *)
type _ t += Sample : unit t

let () =
  Callback.register_exception "Effect.Unhandled" (Unhandled Sample);
  Callback.register_exception "Effect.Continuation_already_resumed"
    Continuation_already_resumed

type ('a, 'b) stack [@@immediate]
type last_fiber [@@immediate]

(* [resume stack f x last]: go on in [stack] with [f x]; [last] is the
   outermost fiber of the captured chain. *)
external resume : ('a, 'b) stack -> ('c -> 'a) -> 'c -> last_fiber -> 'b
  = "%resume"
external runstack : ('a, 'b) stack -> ('c -> 'a) -> 'c -> 'b = "%runstack"

let return x = x
let throw exn = raise exn

module Deep = struct
  type nonrec ('a, 'b) continuation = ('a, 'b) continuation

  external take : ('a, 'b) continuation -> ('a, 'b) stack
    = "caml_continuation_use_noexc" [@@noalloc]
  external last_fiber : ('a, 'b) continuation -> last_fiber = "%field1"
  external alloc_stack :
    ('a -> 'b) -> (exn -> 'b) ->
    ('c t -> ('c, 'b) continuation -> last_fiber -> 'b) -> ('a, 'b) stack
    = "caml_alloc_stack"
  external reperform : 'a t -> ('a, 'b) continuation -> last_fiber -> 'b
    = "%reperform"

  let continue k v = resume (take k) return v (last_fiber k)
  let discontinue k exn = resume (take k) throw exn (last_fiber k)

  let discontinue_with_backtrace k exn trace =
    let throw exn = Printexc.raise_with_backtrace exn trace in
    resume (take k) throw exn (last_fiber k)

  type ('a, 'b) handler =
    { retc: 'a -> 'b;
      exnc: exn -> 'b;
      effc: 'c. 'c t -> (('c, 'b) continuation -> 'b) option }

  let match_with f x handler =
    let handle eff k last =
      match handler.effc eff with
      | Some act -> act k
      | None -> reperform eff k last
    in
    runstack (alloc_stack handler.retc handler.exnc handle) f x

  type 'a effect_handler =
    { effc: 'b. 'b t -> (('b, 'a) continuation -> 'a) option }

  let try_with f x (handler : _ effect_handler) =
    match_with f x { retc = return; exnc = throw; effc = handler.effc }

  external get_callstack :
    ('a, 'b) continuation -> int -> Printexc.raw_backtrace
    = "caml_get_continuation_callstack"
end

module Shallow = struct
  type ('a, 'b) continuation

  external last_fiber : ('a, 'b) continuation -> last_fiber = "%field1"
  external alloc_stack :
    ('a -> 'b) -> (exn -> 'b) ->
    ('c t -> ('c, 'b) continuation -> last_fiber -> 'b) -> ('a, 'b) stack
    = "caml_alloc_stack"
  external reperform : 'a t -> ('a, 'b) continuation -> last_fiber -> 'c
    = "%reperform"
  external take_with_handler :
    ('a, 'b) continuation -> ('b -> 'c) -> (exn -> 'c) ->
    ('d t -> ('d, 'b) continuation -> last_fiber -> 'c) -> ('a, 'c) stack
    = "caml_continuation_use_and_update_handler_noexc" [@@noalloc]

  (* A continuation exists only where an effect was performed: [f] is started
     in a fiber of its own and stopped at once. *)
  let fiber : type a b . (a -> b) -> (a, b) continuation = fun f ->
    let module Start = struct type _ t += Start : a t end in
    let exception Started of (a, b) continuation in
    let unreachable _ = failwith "impossible" in
    let handle eff k _last =
      match eff with
      | Start.Start -> raise_notrace (Started k)
      | _ -> unreachable ()
    in
    (* The collector does not know a stack that neither runs nor is held by a
       continuation: its closures are made before it, wherever they are used. *)
    let start = Sys.opaque_identity (fun () -> f (perform Start.Start)) in
    let stack = alloc_stack unreachable unreachable handle in
    match runstack stack start () with
    | exception Started k -> k
    | _ -> unreachable ()

  type ('a, 'b) handler =
    { retc: 'a -> 'b;
      exnc: exn -> 'b;
      effc: 'c. 'c t -> (('c, 'a) continuation -> 'b) option }

  let resume_with k f x handler =
    let handle eff k last =
      match handler.effc eff with
      | Some act -> act k
      | None -> reperform eff k last
    in
    let last = last_fiber k in
    let stack = take_with_handler k handler.retc handler.exnc handle in
    resume stack f x last

  let continue_with k v handler = resume_with k return v handler
  let discontinue_with k exn handler = resume_with k throw exn handler

  let discontinue_with_backtrace k exn trace handler =
    resume_with k (fun exn -> Printexc.raise_with_backtrace exn trace) exn
      handler

  external get_callstack :
    ('a, 'b) continuation -> int -> Printexc.raw_backtrace
    = "caml_get_continuation_callstack"
end
