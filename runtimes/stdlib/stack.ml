(* Last-in first-out stacks: a list and its length. *)

type 'a t = {
  mutable elements : 'a list;
  mutable length : int;
}

exception Empty

let create () = { elements = []; length = 0 }
let copy { elements; length } = { elements; length }
let length s = s.length
let is_empty s = match s.elements with [] -> true | _ :: _ -> false

let[@inline] update s elements length =
  s.elements <- elements;
  s.length <- length

let clear s = update s [] 0
let push x s = update s (x :: s.elements) (s.length + 1)

let pop s =
  match s.elements with
  | [] -> raise Empty
  | x :: rest -> update s rest (s.length - 1); x

let pop_opt s =
  match s.elements with
  | [] -> None
  | x :: rest -> update s rest (s.length - 1); Some x

let drop s =
  match s.elements with
  | [] -> raise Empty
  | _ :: rest -> update s rest (s.length - 1)

let top s = match s.elements with [] -> raise Empty | x :: _ -> x
let top_opt s = match s.elements with [] -> None | x :: _ -> Some x

let iter f s = List.iter f s.elements
let fold f acc s = List.fold_left f acc s.elements

let to_seq s = List.to_seq s.elements
let add_seq s xs = Seq.iter (fun x -> push x s) xs

let of_seq xs =
  let s = create () in
  add_seq s xs;
  s
