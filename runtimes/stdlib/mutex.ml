(* Mutual exclusion. *)

type t

external create : unit -> t = "caml_ml_mutex_new"
external lock : t -> unit = "caml_ml_mutex_lock"
external try_lock : t -> bool = "caml_ml_mutex_try_lock"
external unlock : t -> unit = "caml_ml_mutex_unlock"
external reraise : exn -> 'a = "%reraise"

(* Not inlined: a signal handler runs at a poll point, and there is none
   between [lock] and the handler installed by [match]. *)
let[@inline never] protect m f =
  lock m;
  match f () with
  | result -> unlock m; result
  | exception exn -> unlock m; reraise exn
