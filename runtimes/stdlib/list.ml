(* Lists.

   What must not use stack in proportion to the length, where upstream does
   not, is written with [tail_mod_cons]; two elements are then treated at a
   time, which amortises the writes into the last cell. *)

type 'a t = 'a list = [] | (::) of 'a * 'a list

(* The polymorphic order, before this module's own hides it. *)
let[@inline] same x y = compare x y = 0

(* Length and access. *)

let rec count n = function [] -> n | _ :: rest -> count (n + 1) rest
let length l = count 0 l

let rec compare_lengths l1 l2 =
  match l1, l2 with
  | _ :: rest1, _ :: rest2 -> compare_lengths rest1 rest2
  | [], [] -> 0
  | [], _ :: _ -> -1
  | _ :: _, [] -> 1

let rec compare_length_with l n =
  match l with
  | [] -> Stdlib.compare 0 n
  | _ :: rest -> if n <= 0 then 1 else compare_length_with rest (n - 1)

let is_empty = function [] -> true | _ :: _ -> false
let cons x l = x :: l
let singleton x = [x]
let hd = function [] -> failwith "hd" | x :: _ -> x
let tl = function [] -> failwith "tl" | _ :: rest -> rest

let rec nth_from l n =
  match l with
  | [] -> failwith "nth"
  | x :: rest -> if n = 0 then x else nth_from rest (n - 1)

let nth l n = if n < 0 then invalid_arg "List.nth" else nth_from l n

let rec nth_opt_from l n =
  match l with
  | [] -> None
  | x :: rest -> if n = 0 then Some x else nth_opt_from rest (n - 1)

let nth_opt l n = if n < 0 then invalid_arg "List.nth" else nth_opt_from l n

(* Building. *)

let append = ( @ )

let rec rev_append l1 l2 =
  match l1 with
  | [] -> l2
  | x :: rest -> rev_append rest (x :: l2)

let rev l = rev_append l []

let[@tail_mod_cons] rec init_range i stop f =
  match stop - i with
  | 0 -> []
  | 1 -> [f i]
  | _ ->
    let x = f i in
    let y = f (i + 1) in
    x :: y :: init_range (i + 2) stop f

let init n f =
  if n < 0 then invalid_arg "List.init" else init_range 0 n f

let rec concat = function [] -> [] | l :: rest -> l @ concat rest
let flatten = concat

(* Iteration. *)

let rec iter f = function
  | [] -> ()
  | x :: rest ->
    f x;
    iter f rest

let rec iteri_from i f = function
  | [] -> ()
  | x :: rest ->
    f i x;
    iteri_from (i + 1) f rest

let iteri f l = iteri_from 0 f l

let[@tail_mod_cons] rec map f = function
  | [] -> []
  | [x] -> [f x]
  | x1 :: x2 :: rest ->
    let y1 = f x1 in
    let y2 = f x2 in
    y1 :: y2 :: map f rest

let[@tail_mod_cons] rec mapi_from i f = function
  | [] -> []
  | [x] -> [f i x]
  | x1 :: x2 :: rest ->
    let y1 = f i x1 in
    let y2 = f (i + 1) x2 in
    y1 :: y2 :: mapi_from (i + 2) f rest

let mapi f l = mapi_from 0 f l

let rec rev_map_onto acc f = function
  | [] -> acc
  | x :: rest -> rev_map_onto (f x :: acc) f rest

let rev_map f l = rev_map_onto [] f l

let[@tail_mod_cons] rec filter_map f = function
  | [] -> []
  | x :: rest ->
    match f x with
    | None -> filter_map f rest
    | Some y -> y :: filter_map f rest

(* A cons whose tail is still to come: the result may be long, and is built from its front without
   a frame for each element. *)
type 'a cell = { head : 'a; mutable tail : 'a list }

let extend last x =
  let cell = { head = x; tail = [] } in
  last.tail <- (Obj.magic cell : _ list);
  cell

let rec extend_all last = function
  | [] -> last
  | x :: rest -> extend_all (extend last x) rest

let concat_map f l =
  let rec loop last = function
    | [] -> ()
    | x :: rest -> loop (extend_all last (f x)) rest
  in
  match l with
  | [] -> []
  | l ->
    let front = { head = Obj.magic (); tail = [] } in
    loop front l;
    front.tail

let rec fold_left f acc = function
  | [] -> acc
  | x :: rest -> fold_left f (f acc x) rest

let rec fold_right f l acc =
  match l with
  | [] -> acc
  | x :: rest -> f x (fold_right f rest acc)

let rec fold_left_map_onto mapped f acc = function
  | [] -> (acc, rev mapped)
  | x :: rest ->
    let acc, y = f acc x in
    fold_left_map_onto (y :: mapped) f acc rest

let fold_left_map f acc l = fold_left_map_onto [] f acc l

(* Two lists at a time. *)

let rec iter2 f l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 ->
    f x y;
    iter2 f rest1 rest2
  | [], [] -> ()
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.iter2"

let[@tail_mod_cons] rec map2 f l1 l2 =
  match l1, l2 with
  | [x], [y] -> [f x y]
  | x1 :: x2 :: rest1, y1 :: y2 :: rest2 ->
    let z1 = f x1 y1 in
    let z2 = f x2 y2 in
    z1 :: z2 :: map2 f rest1 rest2
  | [], [] -> []
  | _, _ -> invalid_arg "List.map2"

let rec rev_map2_onto acc f l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> rev_map2_onto (f x y :: acc) f rest1 rest2
  | [], [] -> acc
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.rev_map2"

let rev_map2 f l1 l2 = rev_map2_onto [] f l1 l2

let rec fold_left2 f acc l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> fold_left2 f (f acc x y) rest1 rest2
  | [], [] -> acc
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.fold_left2"

let rec fold_right2 f l1 l2 acc =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> f x y (fold_right2 f rest1 rest2 acc)
  | [], [] -> acc
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.fold_right2"

(* Scanning. *)

let rec for_all p = function
  | [] -> true
  | x :: rest -> p x && for_all p rest

let rec exists p = function
  | [] -> false
  | x :: rest -> p x || exists p rest

let rec for_all2 p l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> p x y && for_all2 p rest1 rest2
  | [], [] -> true
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.for_all2"

let rec exists2 p l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> p x y || exists2 p rest1 rest2
  | [], [] -> false
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.exists2"

let rec mem x = function
  | [] -> false
  | y :: rest -> same y x || mem x rest

let rec memq x = function
  | [] -> false
  | y :: rest -> y == x || memq x rest

(* Searching. *)

let rec find p = function
  | [] -> raise Not_found
  | x :: rest -> if p x then x else find p rest

let rec find_opt p = function
  | [] -> None
  | x :: rest -> if p x then Some x else find_opt p rest

let rec find_index_from i p = function
  | [] -> None
  | x :: rest -> if p x then Some i else find_index_from (i + 1) p rest

let find_index p l = find_index_from 0 p l

let rec find_map f = function
  | [] -> None
  | x :: rest ->
    match f x with
    | None -> find_map f rest
    | Some _ as found -> found

let rec find_mapi_from i f = function
  | [] -> None
  | x :: rest ->
    match f i x with
    | None -> find_mapi_from (i + 1) f rest
    | Some _ as found -> found

let find_mapi f l = find_mapi_from 0 f l

let[@tail_mod_cons] rec filter p = function
  | [] -> []
  | x :: rest -> if p x then x :: filter p rest else filter p rest

let find_all = filter

let[@tail_mod_cons] rec filteri_from i p = function
  | [] -> []
  | x :: rest ->
    if p i x then x :: filteri_from (i + 1) p rest
    else filteri_from (i + 1) p rest

let filteri p l = filteri_from 0 p l

(* Parts. *)

let[@tail_mod_cons] rec take n l =
  match l with
  | x :: rest when n > 0 -> x :: take (n - 1) rest
  | _ -> []

let rec drop n l =
  match l with
  | _ :: rest when n > 0 -> drop (n - 1) rest
  | _ -> l

let[@tail_mod_cons] rec take_while p = function
  | x :: rest when p x -> x :: take_while p rest
  | _ -> []

let rec drop_while p = function
  | x :: rest when p x -> drop_while p rest
  | l -> l

let rec partition_onto yes no p = function
  | [] -> (rev yes, rev no)
  | x :: rest ->
    if p x then partition_onto (x :: yes) no p rest
    else partition_onto yes (x :: no) p rest

let partition p l = partition_onto [] [] p l

let rec partition_map_onto left right f = function
  | [] -> (rev left, rev right)
  | x :: rest ->
    match f x with
    | Either.Left y -> partition_map_onto (y :: left) right f rest
    | Either.Right z -> partition_map_onto left (z :: right) f rest

let partition_map f l = partition_map_onto [] [] f l

(* Association lists. *)

let rec assoc x = function
  | [] -> raise Not_found
  | (key, value) :: rest -> if same key x then value else assoc x rest

let rec assoc_opt x = function
  | [] -> None
  | (key, value) :: rest -> if same key x then Some value else assoc_opt x rest

let rec assq x = function
  | [] -> raise Not_found
  | (key, value) :: rest -> if key == x then value else assq x rest

let rec assq_opt x = function
  | [] -> None
  | (key, value) :: rest -> if key == x then Some value else assq_opt x rest

let rec mem_assoc x = function
  | [] -> false
  | (key, _) :: rest -> same key x || mem_assoc x rest

let rec mem_assq x = function
  | [] -> false
  | (key, _) :: rest -> key == x || mem_assq x rest

let rec remove_assoc x = function
  | [] -> []
  | (key, _ as pair) :: rest ->
    if same key x then rest else pair :: remove_assoc x rest

let rec remove_assq x = function
  | [] -> []
  | (key, _ as pair) :: rest ->
    if key == x then rest else pair :: remove_assq x rest

(* Lists of pairs. *)

let rec split = function
  | [] -> ([], [])
  | (x, y) :: rest ->
    let xs, ys = split rest in
    (x :: xs, y :: ys)

let rec combine l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> (x, y) :: combine rest1 rest2
  | [], [] -> []
  | [], _ :: _ | _ :: _, [] -> invalid_arg "List.combine"

(* Sorting: a bottom-less merge sort.  A segment of the list is sorted up or
   down, its halves being sorted the other way round, so that merging them
   into an accumulator reverses the order to what is wanted.  A comparison
   [order] says which way: it is positive when the first argument must come
   after the second, for a segment sorted up. *)

let rec merge cmp l1 l2 =
  match l1, l2 with
  | [], l | l, [] -> l
  | x :: rest1, y :: rest2 ->
    if cmp x y <= 0 then x :: merge cmp rest1 l2
    else y :: merge cmp l1 rest2

(* Of two segments sorted up: sorted down, in front of [acc].  On a tie the
   element of the second segment must end up before that of the first. *)
let rec merge_up cmp l1 l2 acc =
  match l1, l2 with
  | [], l | l, [] -> rev_append l acc
  | x :: rest1, y :: rest2 ->
    if cmp x y <= 0 then merge_up cmp rest1 l2 (x :: acc)
    else merge_up cmp l1 rest2 (y :: acc)

(* Of two segments sorted down (equal elements in reverse): sorted up. *)
let rec merge_down cmp l1 l2 acc =
  match l1, l2 with
  | [], l | l, [] -> rev_append l acc
  | x :: rest1, y :: rest2 ->
    if cmp x y > 0 then merge_down cmp rest1 l2 (x :: acc)
    else merge_down cmp l1 rest2 (y :: acc)

(* The first [n] elements, at least two, sorted up. *)
let rec sort_up cmp n l =
  match n, l with
  | 2, x :: y :: _ -> if cmp x y <= 0 then [x; y] else [y; x]
  | 3, x :: y :: z :: _ ->
    if cmp x y <= 0 then
      if cmp y z <= 0 then [x; y; z]
      else if cmp x z <= 0 then [x; z; y]
      else [z; x; y]
    else if cmp x z <= 0 then [y; x; z]
    else if cmp y z <= 0 then [y; z; x]
    else [z; y; x]
  | _ ->
    let half = n asr 1 in
    let first = sort_down cmp half l in
    let second = sort_down cmp (n - half) (drop half l) in
    merge_down cmp first second []

and sort_down cmp n l =
  match n, l with
  | 2, x :: y :: _ -> if cmp x y > 0 then [x; y] else [y; x]
  | 3, x :: y :: z :: _ ->
    if cmp x y > 0 then
      if cmp y z > 0 then [x; y; z]
      else if cmp x z > 0 then [x; z; y]
      else [z; x; y]
    else if cmp x z > 0 then [y; x; z]
    else if cmp y z > 0 then [y; z; x]
    else [z; y; x]
  | _ ->
    let half = n asr 1 in
    let first = sort_up cmp half l in
    let second = sort_up cmp (n - half) (drop half l) in
    merge_up cmp first second []

let stable_sort cmp l =
  let n = length l in
  if n < 2 then l else sort_up cmp n l

let sort = stable_sort
let fast_sort = stable_sort

(* The same without duplicates: of equal elements one is kept. *)

let rec merge_uniq_up cmp l1 l2 acc =
  match l1, l2 with
  | [], l | l, [] -> rev_append l acc
  | x :: rest1, y :: rest2 ->
    let c = cmp x y in
    if c = 0 then merge_uniq_up cmp rest1 rest2 (x :: acc)
    else if c < 0 then merge_uniq_up cmp rest1 l2 (x :: acc)
    else merge_uniq_up cmp l1 rest2 (y :: acc)

let rec merge_uniq_down cmp l1 l2 acc =
  match l1, l2 with
  | [], l | l, [] -> rev_append l acc
  | x :: rest1, y :: rest2 ->
    let c = cmp x y in
    if c = 0 then merge_uniq_down cmp rest1 rest2 (x :: acc)
    else if c > 0 then merge_uniq_down cmp rest1 l2 (x :: acc)
    else merge_uniq_down cmp l1 rest2 (y :: acc)

let rec sort_uniq_up cmp n l =
  match n, l with
  | 1, x :: _ -> [x]
  | 2, x :: y :: _ ->
    let c = cmp x y in
    if c = 0 then [x] else if c < 0 then [x; y] else [y; x]
  | _ ->
    let half = n asr 1 in
    let first = sort_uniq_down cmp half l in
    let second = sort_uniq_down cmp (n - half) (drop half l) in
    merge_uniq_down cmp first second []

and sort_uniq_down cmp n l =
  match n, l with
  | 1, x :: _ -> [x]
  | 2, x :: y :: _ ->
    let c = cmp x y in
    if c = 0 then [x] else if c > 0 then [x; y] else [y; x]
  | _ ->
    let half = n asr 1 in
    let first = sort_uniq_up cmp half l in
    let second = sort_uniq_up cmp (n - half) (drop half l) in
    merge_uniq_up cmp first second []

let sort_uniq cmp l =
  let n = length l in
  if n < 2 then l else sort_uniq_up cmp n l

(* Comparison. *)

let rec equal eq l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 -> eq x y && equal eq rest1 rest2
  | [], [] -> true
  | [], _ :: _ | _ :: _, [] -> false

let rec compare cmp l1 l2 =
  match l1, l2 with
  | x :: rest1, y :: rest2 ->
    let c = cmp x y in
    if c <> 0 then c else compare cmp rest1 rest2
  | [], [] -> 0
  | [], _ :: _ -> -1
  | _ :: _, [] -> 1

(* Sequences. *)

let rec to_seq l () =
  match l with
  | [] -> Seq.Nil
  | x :: rest -> Seq.Cons (x, to_seq rest)

let[@tail_mod_cons] rec of_seq xs =
  match xs () with
  | Seq.Nil -> []
  | Seq.Cons (x1, xs) ->
    match xs () with
    | Seq.Nil -> [x1]
    | Seq.Cons (x2, xs) -> x1 :: x2 :: of_seq xs
