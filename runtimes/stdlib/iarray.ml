(* Immutable arrays.  They are represented as mutable ones, of which the
   functions are used: on the elements of an immutable array when they only
   read, or to make a mutable array that nobody else has seen and that is
   frozen when it is complete. *)

open! Stdlib

type +'a t = 'a iarray

external length : 'a iarray -> int = "%array_length"
external get : 'a iarray -> int -> 'a = "%array_safe_get"
external unsafe_get : 'a iarray -> int -> 'a = "%array_unsafe_get"
external concat : 'a iarray list -> 'a iarray = "caml_array_concat"
external unsafe_append : 'a iarray -> 'a iarray -> 'a iarray
  = "caml_array_append"
external unsafe_sub : 'a iarray -> int -> int -> 'a iarray = "caml_array_sub"

(* Opaque, so that no optimisation relies on elements being immutable before
   they are. *)
external freeze : 'a array -> 'a iarray = "%opaque"
external elements : 'a iarray -> 'a array = "%opaque"

let init n f = freeze (Array.init n f)
let of_list l = freeze (Array.of_list l)
let of_array a = freeze (Array.copy a)
let of_seq xs = freeze (Array.of_seq xs)
let to_list a = Array.to_list (elements a)
let to_array a = Array.copy (elements a)

let append a1 a2 =
  if length a1 = 0 then a2
  else if length a2 = 0 then a1
  else unsafe_append a1 a2

let sub a ~pos ~len =
  if pos < 0 || len < 0 || pos > length a - len then invalid_arg "Iarray.sub"
  else unsafe_sub a pos len

let iter f a = Array.iter f (elements a)
let iteri f a = Array.iteri f (elements a)
let map f a = freeze (Array.map f (elements a))
let mapi f a = freeze (Array.mapi f (elements a))
let fold_left f init a = Array.fold_left f init (elements a)
let fold_right f a init = Array.fold_right f (elements a) init

let fold_left_map f init a =
  let acc, mapped = Array.fold_left_map f init (elements a) in
  (acc, freeze mapped)

let check_lengths a b message =
  if length a <> length b then invalid_arg message

let iter2 f a b =
  check_lengths a b "Iarray.iter2: arrays must have the same length";
  Array.iter2 f (elements a) (elements b)

let map2 f a b =
  check_lengths a b "Iarray.map2: arrays must have the same length";
  freeze (Array.map2 f (elements a) (elements b))

let for_all2 p a b =
  check_lengths a b "Iarray.for_all2";
  Array.for_all2 p (elements a) (elements b)

let exists2 p a b =
  check_lengths a b "Iarray.exists2";
  Array.exists2 p (elements a) (elements b)

let combine a b =
  check_lengths a b "Iarray.combine";
  freeze (Array.combine (elements a) (elements b))

let split pairs =
  let xs, ys = Array.split (elements pairs) in
  (freeze xs, freeze ys)

let for_all p a = Array.for_all p (elements a)
let exists p a = Array.exists p (elements a)
let mem x a = Array.mem x (elements a)
let memq x a = Array.memq x (elements a)
let find_opt p a = Array.find_opt p (elements a)
let find_index p a = Array.find_index p (elements a)
let find_map f a = Array.find_map f (elements a)
let find_mapi f a = Array.find_mapi f (elements a)
let equal eq a b = Array.equal eq (elements a) (elements b)

(* Not -1 and 1 for different lengths, unlike [Array.compare]. *)
let compare cmp a b =
  if length a <> length b then length a - length b
  else Array.compare cmp (elements a) (elements b)

let sorted sort cmp a =
  let copied = to_array a in
  sort cmp copied;
  freeze copied

let sort cmp a = sorted Array.sort cmp a
let stable_sort cmp a = sorted Array.stable_sort cmp a
let fast_sort cmp a = sorted Array.fast_sort cmp a

let to_seq a = Array.to_seq (elements a)
let to_seqi a = Array.to_seqi (elements a)
