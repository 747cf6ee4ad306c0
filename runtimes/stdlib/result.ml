(* Results of computations that may fail. *)

type ('a, 'e) t = ('a, 'e) result = Ok of 'a | Error of 'e

let ok v = Ok v
let error e = Error e

let is_ok = function Ok _ -> true | Error _ -> false
let is_error = function Ok _ -> false | Error _ -> true

let value r ~default = match r with Ok v -> v | Error _ -> default

let get_ok = function Ok v -> v | Error _ -> invalid_arg "result is Error _"
let get_ok' = function Ok v -> v | Error message -> invalid_arg message
let get_error = function Error e -> e | Ok _ -> invalid_arg "result is Ok _"
let error_to_failure = function Ok v -> v | Error message -> failwith message

let bind r f = match r with Ok v -> f v | Error _ as error -> error
let join = function Ok r -> r | Error _ as error -> error
let map f = function Ok v -> Ok (f v) | Error _ as error -> error
let map_error f = function Ok _ as ok -> ok | Error e -> Error (f e)

(* The first error wins. *)
let product r1 r2 =
  match r1 with
  | Error _ as error -> error
  | Ok v1 ->
    match r2 with
    | Error _ as error -> error
    | Ok v2 -> Ok (v1, v2)

let fold ~ok ~error = function Ok v -> ok v | Error e -> error e
let retract = function Ok v | Error v -> v
let iter f = function Ok v -> f v | Error _ -> ()
let iter_error f = function Ok _ -> () | Error e -> f e

let equal ~ok ~error r1 r2 =
  match r1, r2 with
  | Ok v1, Ok v2 -> ok v1 v2
  | Error e1, Error e2 -> error e1 e2
  | Ok _, Error _ | Error _, Ok _ -> false

let compare ~ok ~error r1 r2 =
  match r1, r2 with
  | Ok v1, Ok v2 -> ok v1 v2
  | Error e1, Error e2 -> error e1 e2
  | Ok _, Error _ -> -1
  | Error _, Ok _ -> 1

let to_option = function Ok v -> Some v | Error _ -> None
let to_list = function Ok v -> [v] | Error _ -> []
let to_seq = function Ok v -> Seq.return v | Error _ -> Seq.empty

module Syntax = struct
  let ( let* ) = bind
  let ( let+ ) r f = map f r
  let ( and* ) = product
  let ( and+ ) = product
end
