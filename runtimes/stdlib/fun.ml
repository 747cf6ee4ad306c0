(* Functions on functions. *)

external id : 'a -> 'a = "%identity"
let const value _ = value
let flip f x y = f y x
let negate p x = not (p x)
let compose f g x = f (g x)

exception Finally_raised of exn

let () =
  Printexc.register_printer (function
    | Finally_raised exn ->
      Some ("Fun.Finally_raised: " ^ Printexc.to_string exn)
    | _ -> None)

let protect ~(finally : unit -> unit) work =
  let cleanup () =
    try finally ()
    with exn ->
      let backtrace = Printexc.get_raw_backtrace () in
      Printexc.raise_with_backtrace (Finally_raised exn) backtrace
  in
  match work () with
  | value ->
    cleanup ();
    value
  | exception exn ->
    (* Taken before [finally] may record another. *)
    let backtrace = Printexc.get_raw_backtrace () in
    cleanup ();
    Printexc.raise_with_backtrace exn backtrace
