(* Optional values. *)

type 'a t = 'a option = None | Some of 'a

let none = None
let some v = Some v

let is_none = function None -> true | Some _ -> false
let is_some = function None -> false | Some _ -> true

let value o ~default = match o with None -> default | Some v -> v
let get = function None -> invalid_arg "option is None" | Some v -> v

let bind o f = match o with None -> None | Some v -> f v
let join = function None -> None | Some o -> o
let map f = function None -> None | Some v -> Some (f v)
let fold ~none ~some = function None -> none | Some v -> some v
let iter f = function None -> () | Some v -> f v

let equal eq o1 o2 =
  match o1, o2 with
  | None, None -> true
  | Some v1, Some v2 -> eq v1 v2
  | None, Some _ | Some _, None -> false

(* Absence comes first. *)
let compare cmp o1 o2 =
  match o1, o2 with
  | None, None -> 0
  | None, Some _ -> -1
  | Some _, None -> 1
  | Some v1, Some v2 -> cmp v1 v2

let to_result ~none = function None -> Error none | Some v -> Ok v
let to_list = function None -> [] | Some v -> [v]
let to_seq = function None -> Seq.empty | Some v -> Seq.return v
