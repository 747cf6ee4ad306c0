(* Sequences: lists whose cells are computed on demand.

   A function that returns a sequence does nothing before its result is
   forced, and forces its arguments no more than what is asked needs.  When
   two sequences are gone through together, the second is not forced where the
   first has ended. *)

type 'a node =
  | Nil
  | Cons of 'a * 'a t

and 'a t = unit -> 'a node

(* Construction. *)

let empty () = Nil
let cons x xs () = Cons (x, xs)
let singleton x () = Cons (x, empty)
let return = singleton

let rec init_range i stop f () =
  if i < stop then Cons (f i, init_range (i + 1) stop f) else Nil

let init n f =
  if n < 0 then invalid_arg "Seq.init" else init_range 0 n f

let rec unfold f state () =
  match f state with
  | None -> Nil
  | Some (x, state) -> Cons (x, unfold f state)

let rec repeat x () = Cons (x, repeat x)
let rec forever f () = Cons (f (), forever f)
let rec ints n () = Cons (n, ints (n + 1))

(* The iterates of [f] but for [x] itself: [f x] is not computed before the
   second element is asked for. *)
let rec iterates_after f x () =
  let y = f x in
  Cons (y, iterates_after f y)

let iterate f x = cons x (iterates_after f x)

let rec append xs ys () =
  match xs () with
  | Nil -> ys ()
  | Cons (x, xs) -> Cons (x, append xs ys)

(* Does not end if [xs] is empty. *)
let rec cycle_nonempty xs () = append xs (cycle_nonempty xs) ()

let cycle xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, rest) -> Cons (x, append rest (cycle_nonempty xs))

(* Consumption. *)

let is_empty xs = match xs () with Nil -> true | Cons _ -> false
let uncons xs = match xs () with Nil -> None | Cons (x, xs) -> Some (x, xs)

let rec count n xs =
  match xs () with
  | Nil -> n
  | Cons (_, xs) -> count (n + 1) xs

let length xs = count 0 xs

let rec iter f xs =
  match xs () with
  | Nil -> ()
  | Cons (x, xs) ->
    f x;
    iter f xs

let rec iteri_from i f xs =
  match xs () with
  | Nil -> ()
  | Cons (x, xs) ->
    f i x;
    iteri_from (i + 1) f xs

let iteri f xs = iteri_from 0 f xs

let rec fold_left f acc xs =
  match xs () with
  | Nil -> acc
  | Cons (x, xs) ->
    let acc = f acc x in
    fold_left f acc xs

let rec fold_lefti_from i f acc xs =
  match xs () with
  | Nil -> acc
  | Cons (x, xs) ->
    let acc = f acc i x in
    fold_lefti_from (i + 1) f acc xs

let fold_lefti f acc xs = fold_lefti_from 0 f acc xs

let rec for_all p xs =
  match xs () with
  | Nil -> true
  | Cons (x, xs) -> p x && for_all p xs

let rec exists p xs =
  match xs () with
  | Nil -> false
  | Cons (x, xs) -> p x || exists p xs

let rec find p xs =
  match xs () with
  | Nil -> None
  | Cons (x, xs) -> if p x then Some x else find p xs

let rec find_index_from i p xs =
  match xs () with
  | Nil -> None
  | Cons (x, xs) -> if p x then Some i else find_index_from (i + 1) p xs

let find_index p xs = find_index_from 0 p xs

let rec find_map f xs =
  match xs () with
  | Nil -> None
  | Cons (x, xs) ->
    match f x with
    | None -> find_map f xs
    | Some _ as found -> found

let rec find_mapi_from i f xs =
  match xs () with
  | Nil -> None
  | Cons (x, xs) ->
    match f i x with
    | None -> find_mapi_from (i + 1) f xs
    | Some _ as found -> found

let find_mapi f xs = find_mapi_from 0 f xs

(* Consumption of two sequences. *)

let rec iter2 f xs ys =
  match xs () with
  | Nil -> ()
  | Cons (x, xs) ->
    match ys () with
    | Nil -> ()
    | Cons (y, ys) ->
      f x y;
      iter2 f xs ys

let rec fold_left2 f acc xs ys =
  match xs () with
  | Nil -> acc
  | Cons (x, xs) ->
    match ys () with
    | Nil -> acc
    | Cons (y, ys) ->
      let acc = f acc x y in
      fold_left2 f acc xs ys

let rec for_all2 p xs ys =
  match xs () with
  | Nil -> true
  | Cons (x, xs) ->
    match ys () with
    | Nil -> true
    | Cons (y, ys) -> p x y && for_all2 p xs ys

let rec exists2 p xs ys =
  match xs () with
  | Nil -> false
  | Cons (x, xs) ->
    match ys () with
    | Nil -> false
    | Cons (y, ys) -> p x y || exists2 p xs ys

let rec equal eq xs ys =
  match xs (), ys () with
  | Nil, Nil -> true
  | Cons (x, xs), Cons (y, ys) -> eq x y && equal eq xs ys
  | Nil, Cons _ | Cons _, Nil -> false

let rec compare cmp xs ys =
  match xs (), ys () with
  | Nil, Nil -> 0
  | Nil, Cons _ -> -1
  | Cons _, Nil -> 1
  | Cons (x, xs), Cons (y, ys) ->
    let c = cmp x y in
    if c <> 0 then c else compare cmp xs ys

(* Transformation. *)

let rec map f xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) -> Cons (f x, map f xs)

let rec mapi_from i f xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) -> Cons (f i x, mapi_from (i + 1) f xs)

let mapi f xs = mapi_from 0 f xs

let rec filter p xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) -> if p x then Cons (x, filter p xs) else filter p xs ()

let rec filteri_from i p xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) ->
    if p i x then Cons (x, filteri_from (i + 1) p xs)
    else filteri_from (i + 1) p xs ()

let filteri p xs = filteri_from 0 p xs

let rec filter_map f xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) ->
    match f x with
    | None -> filter_map f xs ()
    | Some y -> Cons (y, filter_map f xs)

let rec concat xss () =
  match xss () with
  | Nil -> Nil
  | Cons (xs, xss) -> append xs (concat xss) ()

let rec flat_map f xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) -> append (f x) (flat_map f xs) ()

let concat_map = flat_map

(* The successive states but for the first one. *)
let rec states_after f state xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) ->
    let state = f state x in
    Cons (state, states_after f state xs)

let scan f state xs = cons state (states_after f state xs)

let rec take_some n xs =
  if n = 0 then empty
  else fun () ->
    match xs () with
    | Nil -> Nil
    | Cons (x, xs) -> Cons (x, take_some (n - 1) xs)

let take n xs =
  if n < 0 then invalid_arg "Seq.take" else take_some n xs

(* What follows the first [n] elements, at once. *)
let rec node_after n xs =
  if n = 0 then xs ()
  else match xs () with
    | Nil -> Nil
    | Cons (_, xs) -> node_after (n - 1) xs

let drop n xs =
  if n < 0 then invalid_arg "Seq.drop"
  else if n = 0 then xs
  else fun () -> node_after n xs

let rec take_while p xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) -> if p x then Cons (x, take_while p xs) else Nil

let rec drop_while p xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, rest) as node -> if p x then drop_while p rest () else node

let rec group eq xs () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) ->
    let like_x = eq x in
    Cons (cons x (take_while like_x xs), group eq (drop_while like_x xs))

(* Control of evaluation. *)

exception Forced_twice

let rec memoize xs =
  let node =
    lazy (
      match xs () with
      | Nil -> Nil
      | Cons (x, xs) -> Cons (x, memoize xs))
  in
  fun () -> Lazy.force node

let forced_already () = raise Forced_twice

(* Whoever takes the function out of the cell is the first to force it. *)
let rec once xs =
  let action =
    Atomic.make (fun () ->
      match xs () with
      | Nil -> Nil
      | Cons (x, xs) -> Cons (x, once xs))
  in
  fun () -> (Atomic.exchange action forced_already) ()

(* Combination. *)

let rec map2 f xs ys () =
  match xs () with
  | Nil -> Nil
  | Cons (x, xs) ->
    match ys () with
    | Nil -> Nil
    | Cons (y, ys) -> Cons (f x y, map2 f xs ys)

let zip xs ys = map2 (fun x y -> (x, y)) xs ys

let rec interleave xs ys () =
  match xs () with
  | Nil -> ys ()
  | Cons (x, xs) -> Cons (x, interleave ys xs)

(* The merge of two sequences that begin with [x] and [y], and, after it, of
   those of which only one has been forced. *)
let rec merge_nodes cmp x xs y ys =
  if cmp x y <= 0 then Cons (x, merge_right cmp xs y ys)
  else Cons (y, merge_left cmp x xs ys)

and merge_left cmp x xs ys () =
  match ys () with
  | Nil -> Cons (x, xs)
  | Cons (y, ys) -> merge_nodes cmp x xs y ys

and merge_right cmp xs y ys () =
  match xs () with
  | Nil -> Cons (y, ys)
  | Cons (x, xs) -> merge_nodes cmp x xs y ys

let sorted_merge cmp xs ys () =
  match xs (), ys () with
  | Nil, node | node, Nil -> node
  | Cons (x, xs), Cons (y, ys) -> merge_nodes cmp x xs y ys

let rec firsts pairs () =
  match pairs () with
  | Nil -> Nil
  | Cons ((x, _), pairs) -> Cons (x, firsts pairs)

let rec seconds pairs () =
  match pairs () with
  | Nil -> Nil
  | Cons ((_, y), pairs) -> Cons (y, seconds pairs)

let unzip pairs = (firsts pairs, seconds pairs)
let split = unzip

let partition_map f xs =
  let left x =
    match f x with Either.Left y -> Some y | Either.Right _ -> None
  and right x =
    match f x with Either.Left _ -> None | Either.Right z -> Some z in
  (filter_map left xs, filter_map right xs)

let partition p xs = (filter p xs, filter (fun x -> not (p x)) xs)

(* The first elements of the rows that have one, and what remains of these
   rows.  Rows are forced more than once. *)
let columns rows = unzip (filter_map uncons rows)

let rec transpose rows () =
  let column, rows = columns rows in
  if is_empty column then begin
    assert (is_empty rows);
    Nil
  end
  else Cons (column, transpose rows)

(* The antidiagonals of a matrix, both of whose dimensions may be infinite:
   each takes one element from what remains of the rows met so far, after the
   first of one more row. *)
let rec diagonals_from remaining rows () =
  match rows () with
  | Nil -> transpose remaining ()
  | Cons (row, rows) ->
    match row () with
    | Nil ->
      let diagonal, remaining = columns remaining in
      Cons (diagonal, diagonals_from remaining rows)
    | Cons (x, row) ->
      let diagonal, remaining = columns remaining in
      Cons (cons x diagonal, diagonals_from (cons row remaining) rows)

let map_product f xs ys =
  let rows = map (fun x -> map (fun y -> f x y) ys) xs in
  concat (diagonals_from empty rows)

let product xs ys = map_product (fun x y -> (x, y)) xs ys

(* Dispensers: functions that give the next element at each call. *)

let of_dispenser next =
  let rec xs () =
    match next () with
    | None -> Nil
    | Some x -> Cons (x, xs)
  in
  xs

let to_dispenser xs =
  let remaining = ref xs in
  fun () ->
    match !remaining () with
    | Nil -> None
    | Cons (x, xs) ->
      remaining := xs;
      Some x
