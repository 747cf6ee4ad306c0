(* Arrays. *)

type 'a t = 'a array

external length : 'a array -> int = "%array_length"
external get : 'a array -> int -> 'a = "%array_safe_get"
external set : 'a array -> int -> 'a -> unit = "%array_safe_set"
external unsafe_get : 'a array -> int -> 'a = "%array_unsafe_get"
external unsafe_set : 'a array -> int -> 'a -> unit = "%array_unsafe_set"
external make : int -> 'a -> 'a array = "caml_array_make"
external create_float : int -> float array = "caml_array_create_float"
external concat : 'a array list -> 'a array = "caml_array_concat"

external unsafe_sub : 'a array -> int -> int -> 'a array = "caml_array_sub"
external unsafe_append : 'a array -> 'a array -> 'a array
  = "caml_array_append"
external unsafe_fill : 'a array -> int -> int -> 'a -> unit
  = "caml_array_fill"
external unsafe_blit : 'a array -> int -> 'a array -> int -> int -> unit
  = "caml_array_blit"

module Floatarray = struct
  external create : int -> floatarray = "caml_floatarray_create"
  external length : floatarray -> int = "%floatarray_length"
  external get : floatarray -> int -> float = "%floatarray_safe_get"
  external set : floatarray -> int -> float -> unit = "%floatarray_safe_set"
  external unsafe_get : floatarray -> int -> float = "%floatarray_unsafe_get"
  external unsafe_set : floatarray -> int -> float -> unit
    = "%floatarray_unsafe_set"
end

(* Creation.  The first element decides of the representation, so that it must
   be computed before the array exists. *)

let init n f =
  if n < 0 then invalid_arg "Array.init"
  else if n = 0 then [||]
  else begin
    let a = make n (f 0) in
    for i = 1 to n - 1 do unsafe_set a i (f i) done;
    a
  end

let make_matrix rows columns x =
  if columns < 0 then invalid_arg "Array.make_matrix";
  let m = make rows [||] in
  if columns > 0 then
    for i = 0 to rows - 1 do unsafe_set m i (make columns x) done;
  m

let init_matrix rows columns f =
  if columns < 0 then invalid_arg "Array.init_matrix";
  let m = make rows [||] in
  if columns > 0 then
    for i = 0 to rows - 1 do
      let row = make columns (f i 0) in
      for j = 1 to columns - 1 do unsafe_set row j (f i j) done;
      unsafe_set m i row
    done;
  m

(* Segments. *)

let copy a =
  match length a with
  | 0 -> [||]
  | n -> unsafe_sub a 0 n

let append a1 a2 =
  if length a1 = 0 then copy a2
  else if length a2 = 0 then copy a1
  else unsafe_append a1 a2

let[@inline] is_segment a start n =
  n >= 0 && start >= 0 && start <= length a - n

let sub a start n =
  if is_segment a start n then unsafe_sub a start n
  else invalid_arg "Array.sub"

let fill a start n x =
  if is_segment a start n then unsafe_fill a start n x
  else invalid_arg "Array.fill"

let blit src src_start dst dst_start n =
  if is_segment src src_start n && is_segment dst dst_start n
  then unsafe_blit src src_start dst dst_start n
  else invalid_arg "Array.blit"

(* Traversal. *)

let iter f a =
  for i = 0 to length a - 1 do f (unsafe_get a i) done

let iteri f a =
  for i = 0 to length a - 1 do f i (unsafe_get a i) done

let map f a =
  let n = length a in
  if n = 0 then [||]
  else begin
    let mapped = make n (f (unsafe_get a 0)) in
    for i = 1 to n - 1 do unsafe_set mapped i (f (unsafe_get a i)) done;
    mapped
  end

let mapi f a =
  let n = length a in
  if n = 0 then [||]
  else begin
    let mapped = make n (f 0 (unsafe_get a 0)) in
    for i = 1 to n - 1 do unsafe_set mapped i (f i (unsafe_get a i)) done;
    mapped
  end

let map_inplace f a =
  for i = 0 to length a - 1 do unsafe_set a i (f (unsafe_get a i)) done

let mapi_inplace f a =
  for i = 0 to length a - 1 do unsafe_set a i (f i (unsafe_get a i)) done

let fold_left f init a =
  let acc = ref init in
  for i = 0 to length a - 1 do acc := f !acc (unsafe_get a i) done;
  !acc

let fold_right f a init =
  let acc = ref init in
  for i = length a - 1 downto 0 do acc := f (unsafe_get a i) !acc done;
  !acc

let fold_left_map f init a =
  let n = length a in
  if n = 0 then (init, [||])
  else begin
    let acc, first = f init (unsafe_get a 0) in
    let acc = ref acc in
    let mapped = make n first in
    for i = 1 to n - 1 do
      let next, y = f !acc (unsafe_get a i) in
      acc := next;
      unsafe_set mapped i y
    done;
    (!acc, mapped)
  end

let iter2 f a b =
  let n = length a in
  if n <> length b then
    invalid_arg "Array.iter2: arrays must have the same length";
  for i = 0 to n - 1 do f (unsafe_get a i) (unsafe_get b i) done

let map2 f a b =
  let n = length a in
  if n <> length b then
    invalid_arg "Array.map2: arrays must have the same length";
  if n = 0 then [||]
  else begin
    let mapped = make n (f (unsafe_get a 0) (unsafe_get b 0)) in
    for i = 1 to n - 1 do
      unsafe_set mapped i (f (unsafe_get a i) (unsafe_get b i))
    done;
    mapped
  end

(* Searching, from index [i] on. *)

let rec exists_from i p a =
  i < length a && (p (unsafe_get a i) || exists_from (i + 1) p a)

let exists p a = exists_from 0 p a

let rec for_all_from i p a =
  i >= length a || p (unsafe_get a i) && for_all_from (i + 1) p a

let for_all p a = for_all_from 0 p a

let rec exists2_from i p a b =
  i < length a
  && (p (unsafe_get a i) (unsafe_get b i) || exists2_from (i + 1) p a b)

let exists2 p a b =
  if length a <> length b then invalid_arg "Array.exists2"
  else exists2_from 0 p a b

let rec for_all2_from i p a b =
  i >= length a
  || p (unsafe_get a i) (unsafe_get b i) && for_all2_from (i + 1) p a b

let for_all2 p a b =
  if length a <> length b then invalid_arg "Array.for_all2"
  else for_all2_from 0 p a b

let rec mem_from i x a =
  i < length a
  && (Stdlib.compare (unsafe_get a i) x = 0 || mem_from (i + 1) x a)

let mem x a = mem_from 0 x a

let rec memq_from i x a =
  i < length a && (unsafe_get a i == x || memq_from (i + 1) x a)

let memq x a = memq_from 0 x a

let rec find_opt_from i p a =
  if i >= length a then None
  else
    let x = unsafe_get a i in
    if p x then Some x else find_opt_from (i + 1) p a

let find_opt p a = find_opt_from 0 p a

let rec find_index_from i p a =
  if i >= length a then None
  else if p (unsafe_get a i) then Some i
  else find_index_from (i + 1) p a

let find_index p a = find_index_from 0 p a

let rec find_map_from i f a =
  if i >= length a then None
  else match f (unsafe_get a i) with
    | None -> find_map_from (i + 1) f a
    | Some _ as found -> found

let find_map f a = find_map_from 0 f a

let rec find_mapi_from i f a =
  if i >= length a then None
  else match f i (unsafe_get a i) with
    | None -> find_mapi_from (i + 1) f a
    | Some _ as found -> found

let find_mapi f a = find_mapi_from 0 f a

(* Comparison: lengths first. *)

let equal eq a b = length a = length b && for_all2_from 0 eq a b

let rec compare_from i cmp a b =
  if i >= length a then 0
  else
    let c = cmp (unsafe_get a i) (unsafe_get b i) in
    if c <> 0 then c else compare_from (i + 1) cmp a b

let compare cmp a b =
  let c = Stdlib.compare (length a) (length b) in
  if c <> 0 then c else compare_from 0 cmp a b

(* Arrays of pairs. *)

let split pairs =
  let n = length pairs in
  if n = 0 then ([||], [||])
  else begin
    let x, y = unsafe_get pairs 0 in
    let xs = make n x and ys = make n y in
    for i = 1 to n - 1 do
      let x, y = unsafe_get pairs i in
      unsafe_set xs i x;
      unsafe_set ys i y
    done;
    (xs, ys)
  end

let combine a b =
  let n = length a in
  if n <> length b then invalid_arg "Array.combine";
  init n (fun i -> (unsafe_get a i, unsafe_get b i))

(* Heap sort on a ternary heap.  An element that leaves the root's place goes
   down to a leaf without being compared, then up: coming from the end of the
   array, it seldom has to go far. *)

(* Of the children of [i] among the first [n] elements, the index of the
   greatest; -1 if there is none. *)
let greatest_child cmp a n i =
  let child = 3 * i + 1 in
  if child + 2 < n then begin
    let best =
      if cmp (unsafe_get a child) (unsafe_get a (child + 1)) < 0
      then child + 1 else child in
    if cmp (unsafe_get a best) (unsafe_get a (child + 2)) < 0
    then child + 2 else best
  end
  else if child + 1 < n
       && cmp (unsafe_get a child) (unsafe_get a (child + 1)) < 0
  then child + 1
  else if child < n then child
  else -1

(* Store [x] at [i] or below, moving up what is greater. *)
let rec sift_down cmp a n i x =
  let child = greatest_child cmp a n i in
  if child >= 0 && cmp (unsafe_get a child) x > 0 then begin
    unsafe_set a i (unsafe_get a child);
    sift_down cmp a n child x
  end
  else unsafe_set a i x

(* The leaf that is left free when the greatest children move up from [i]. *)
let rec free_leaf cmp a n i =
  let child = greatest_child cmp a n i in
  if child < 0 then i
  else begin
    unsafe_set a i (unsafe_get a child);
    free_leaf cmp a n child
  end

(* Store [x] at [i] or above, moving down what is less. *)
let rec sift_up cmp a i x =
  if i = 0 then unsafe_set a 0 x
  else
    let parent = (i - 1) / 3 in
    if cmp (unsafe_get a parent) x < 0 then begin
      unsafe_set a i (unsafe_get a parent);
      sift_up cmp a parent x
    end
    else unsafe_set a i x

let sort cmp a =
  let n = length a in
  for i = (n + 1) / 3 - 1 downto 0 do
    sift_down cmp a n i (unsafe_get a i)
  done;
  for i = n - 1 downto 2 do
    let x = unsafe_get a i in
    unsafe_set a i (unsafe_get a 0);
    sift_up cmp a (free_leaf cmp a i 0) x
  done;
  if n > 1 then begin
    let x = unsafe_get a 1 in
    unsafe_set a 1 (unsafe_get a 0);
    unsafe_set a 0 x
  end

(* Merge sort.  Segments are sorted from one array into another, and are left
   in disorder in the first. *)

let insertion_limit = 5

(* Insertion sort from [src] into [dst], which may be the same segment. *)
let insertion_sort cmp src src_start dst dst_start n =
  for i = 0 to n - 1 do
    let x = unsafe_get src (src_start + i) in
    let j = ref (dst_start + i - 1) in
    while !j >= dst_start && cmp (unsafe_get dst !j) x > 0 do
      unsafe_set dst (!j + 1) (unsafe_get dst !j);
      decr j
    done;
    unsafe_set dst (!j + 1) x
  done

(* Merge into [dst] from index [d] the segment of [a] from [i] to [i_end] and
   that of [b] from [j] to [j_end], of which [x] and [y] are the first
   elements.  One of them may be the end of that of [dst]. *)
let rec merge cmp a i i_end x b j j_end y dst d =
  if cmp x y <= 0 then begin
    unsafe_set dst d x;
    let i = i + 1 in
    if i < i_end then
      merge cmp a i i_end (unsafe_get a i) b j j_end y dst (d + 1)
    else unsafe_blit b j dst (d + 1) (j_end - j)
  end
  else begin
    unsafe_set dst d y;
    let j = j + 1 in
    if j < j_end then
      merge cmp a i i_end x b j j_end (unsafe_get b j) dst (d + 1)
    else unsafe_blit a i dst (d + 1) (i_end - i)
  end

(* Sort the [n] elements of [src] from [s] into [dst] from [d].  The second
   half goes to its place in [dst], the first one to the end of the segment of
   [src], whence they are merged. *)
let rec sort_into cmp src s dst d n =
  if n <= insertion_limit then insertion_sort cmp src s dst d n
  else begin
    let first = n / 2 in
    let second = n - first in
    sort_into cmp src (s + first) dst (d + first) second;
    sort_into cmp src s src (s + second) first;
    merge cmp
      src (s + second) (s + n) (unsafe_get src (s + second))
      dst (d + first) (d + n) (unsafe_get dst (d + first))
      dst d
  end

let stable_sort cmp a =
  let n = length a in
  if n <= insertion_limit then insertion_sort cmp a 0 a 0 n
  else begin
    let first = n / 2 in
    let second = n - first in
    let scratch = make second (unsafe_get a 0) in
    sort_into cmp a first scratch 0 second;
    sort_into cmp a 0 a second first;
    merge cmp
      a second n (unsafe_get a second)
      scratch 0 second (unsafe_get scratch 0)
      a 0
  end

let fast_sort = stable_sort

(* The algorithm of Fisher and Yates. *)
let shuffle ~rand a =
  for i = length a - 1 downto 1 do
    let j = rand (i + 1) in
    if j < 0 || j > i then
      invalid_arg
        ("Array.shuffle: 'rand " ^ string_of_int (i + 1)
         ^ "' returned " ^ string_of_int j
         ^ ", out of expected range [0; " ^ string_of_int i ^ "]");
    let x = unsafe_get a i in
    unsafe_set a i (unsafe_get a j);
    unsafe_set a j x
  done

(* Lists and sequences. *)

let rec list_of_prefix a i rest =
  if i < 0 then rest else list_of_prefix a (i - 1) (unsafe_get a i :: rest)

let to_list a = list_of_prefix a (length a - 1) []

(* [List] depends on this module. *)
let rec list_length n = function
  | [] -> n
  | _ :: rest -> list_length (n + 1) rest

let rec fill_from a i step = function
  | [] -> a
  | x :: rest ->
    unsafe_set a i x;
    fill_from a (i + step) step rest

let of_list = function
  | [] -> [||]
  | x :: rest as l -> fill_from (make (list_length 0 l) x) 1 1 rest

let of_rev_list = function
  | [] -> [||]
  | x :: rest as l ->
    let n = list_length 0 l in
    fill_from (make n x) (n - 2) (-1) rest

let rec seq_from a i () =
  if i >= length a then Seq.Nil
  else Seq.Cons (unsafe_get a i, seq_from a (i + 1))

let to_seq a = seq_from a 0

let rec seqi_from a i () =
  if i >= length a then Seq.Nil
  else Seq.Cons ((i, unsafe_get a i), seqi_from a (i + 1))

let to_seqi a = seqi_from a 0

let of_seq xs = of_rev_list (Seq.fold_left (fun l x -> x :: l) [] xs)
