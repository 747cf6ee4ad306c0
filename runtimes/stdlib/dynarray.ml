(* Resizable arrays.

   The elements are the first [length] slots of [slots]; the others hold
   [dummy], so that removed elements are not kept alive.  Dynamic arrays are
   not synchronised: when domains race on one, an operation may meet [dummy]
   below the length, or a length above the capacity, and says so; it never
   breaks type safety. *)

(* Values as they are stored.  Being a variant for the compiler, a slot is
   never taken for a float: arrays of slots are never flat float arrays. *)
type slot = Slot of slot [@@boxed] [@@warning "-37"]

type !'a t = {
  mutable length : int;
  mutable slots : slot array;
  (* In every dynarray, and not global, so that an unmarshaled one knows its
     own. *)
  dummy : slot;
}

external store : 'a -> slot = "%identity"
external value : slot -> 'a = "%identity"
external set_oo_id : Obj.t -> Obj.t = "caml_set_oo_id" [@@noalloc]

(* An object: polymorphic comparison and hashing look at its identifier. *)
let dummy : slot = Obj.obj (set_oo_id (Obj.new_block Obj.object_tag 2))

(* Errors.  Not inlined: callers stay small. *)

let error format = Printf.ksprintf invalid_arg ("Dynarray.%s: " ^^ format)

let[@inline never] out_of_bounds f i length =
  if length = 0 then error "index %d out of bounds (empty dynarray)" f i
  else error "index %d out of bounds (0..%d)" f i (length - 1)

let[@inline never] negative_length f n =
  error "negative length %d requested" f n

let[@inline never] negative_capacity f n =
  error "negative capacity %d requested" f n

let[@inline never] length_too_big f n =
  error "cannot grow to requested length %d (max_array_length is %d)"
    f n Sys.max_array_length

let[@inline never] length_changed f expected observed =
  error "a length change from %d to %d occurred during iteration"
    f expected observed

let[@inline never] empty_array f = error "empty array" f

let[@inline never] length_mismatch f n1 n2 =
  error "array length mismatch: %d <> %d" f n1 n2

let invalid_state format =
  Printf.ksprintf invalid_arg
    ("Invalid dynarray (unsynchronized concurrent length change): " ^^ format)

let[@inline never] missing_element i length =
  invalid_state "missing element at position %d < length %d" i length

let[@inline never] invalid_length length capacity =
  invalid_state "length %d > capacity %d" length capacity

(* Access during an operation: [slots] and [length] are read once, with
   [start]; [finish] checks that the length is still the same. *)

let[@inline] start a =
  let slots = a.slots and length = a.length in
  if length > Array.length slots then
    invalid_length length (Array.length slots);
  slots

let finish f a length =
  if a.length <> length then length_changed f length a.length

(* [i] is below [length], and [length] below the capacity. *)
let[@inline] item a slots i length =
  let slot = Array.unsafe_get slots i in
  if slot == a.dummy then missing_element i length else value slot

(* Creation *)

let create () = { length = 0; slots = [||]; dummy }

let make n v =
  if n < 0 then negative_length "make" n;
  let slots = Array.make n dummy in
  Array.fill slots 0 n (store v);
  { length = n; slots; dummy }

let init n f =
  if n < 0 then negative_length "init" n;
  let slots = Array.make n dummy in
  for i = 0 to n - 1 do
    Array.unsafe_set slots i (store (f i))
  done;
  { length = n; slots; dummy }

let copy a =
  let slots = start a in
  let length = a.length in
  { a with length; slots = Array.sub slots 0 length }

(* Access *)

let length a = a.length
let is_empty a = a.length = 0
let capacity a = Array.length a.slots

let get a i =
  let slots = a.slots in
  if i < 0 || i >= Array.length slots then out_of_bounds "get" i a.length
  else begin
    let slot = Array.unsafe_get slots i in
    if slot != a.dummy then value slot
    else if i < a.length then missing_element i a.length
    else out_of_bounds "get" i a.length
  end

let set a i v =
  let slots = a.slots in
  if i < 0 || i >= a.length then out_of_bounds "set" i a.length
  else slots.(i) <- store v

let find_last a =
  let slots = start a in
  let n = a.length in
  if n = 0 then None else Some (item a slots (n - 1) n)

let get_last a =
  let slots = start a in
  let n = a.length in
  if n = 0 then empty_array "get_last" else item a slots (n - 1) n

(* Capacity *)

let resized a capacity =
  let slots = Array.make capacity a.dummy in
  Array.blit a.slots 0 slots 0 a.length;
  slots

(* Amortised: at least half as much again. *)
let next_capacity n =
  Int.min (Int.max 8 (if n <= 512 then 2 * n else n + n / 2))
    Sys.max_array_length

let ensure_capacity a wanted =
  let current = capacity a in
  if wanted < 0 then negative_capacity "ensure_capacity" wanted
  else if wanted > current then begin
    if wanted > Sys.max_array_length then
      length_too_big "ensure_capacity" wanted;
    a.slots <- resized a (Int.max (next_capacity current) wanted)
  end

let ensure_extra_capacity a extra = ensure_capacity a (a.length + extra)

let fit_capacity a =
  if capacity a > a.length then a.slots <- Array.sub a.slots 0 a.length

let set_capacity a n =
  if n < 0 then negative_capacity "set_capacity" n;
  if n < capacity a then begin
    a.length <- Int.min a.length n;
    a.slots <- Array.sub a.slots 0 n
  end
  else if n > capacity a then a.slots <- resized a n

let reset a =
  a.length <- 0;
  a.slots <- [||]

(* Removal *)

let pop_last a =
  let slots = start a in
  let n = a.length in
  if n = 0 then raise Not_found
  else begin
    let v = item a slots (n - 1) n in
    Array.unsafe_set slots (n - 1) a.dummy;
    a.length <- n - 1;
    v
  end

let pop_last_opt a =
  match pop_last a with
  | v -> Some v
  | exception Not_found -> None

let remove_last a =
  let last = a.length - 1 in
  if last >= 0 then begin
    a.length <- last;
    a.slots.(last) <- a.dummy
  end

let truncate a n =
  if n < 0 then negative_length "truncate" n;
  let { slots; length; dummy } = a in
  if n < length then begin
    a.length <- n;
    Array.fill slots n (length - n) dummy
  end

let clear a = truncate a 0

(* Addition.  Each operation tries, and grows the array until it succeeds:
   another domain may use the room that was made. *)

let[@inline] add_if_room a v =
  let { slots; length; _ } = a in
  length < Array.length slots
  && begin
    a.length <- length + 1;
    Array.unsafe_set slots length (store v);
    true
  end

let[@inline never] rec grow_and_add a v =
  ensure_extra_capacity a 1;
  if not (add_if_room a v) then grow_and_add a v

let add_last a v = if not (add_if_room a v) then grow_and_add a v

let append_list a l = List.iter (add_last a) l
let append_seq a seq = Seq.iter (add_last a) seq
let append_iter a iter x = iter (add_last a) x

let is_flat_float_array array =
  Obj.tag (Obj.repr array) = Obj.double_array_tag

let blit_from_array array slots pos =
  let n = Array.length array in
  if is_flat_float_array array then
    for i = 0 to n - 1 do slots.(pos + i) <- store array.(i) done
  else Array.blit (Obj.magic array : slot array) 0 slots pos n

let rec append_array a array =
  let { slots; length; _ } = a in
  let n = Array.length array in
  if n <= Array.length slots - length then begin
    a.length <- length + n;
    blit_from_array array slots length
  end
  else begin
    ensure_extra_capacity a n;
    append_array a array
  end

(* [dst] has room for the elements. *)
let blit_slots src src_pos dst dst_pos len =
  let source = src.slots and target = dst.slots in
  if dst_pos + len > dst.length then dst.length <- dst_pos + len;
  Array.blit source src_pos target dst_pos len

let blit ~src ~src_pos ~dst ~dst_pos ~len =
  let src_length = src.length and dst_length = dst.length in
  if len < 0 then error "invalid blit length (%d)" "blit" len;
  if src_pos < 0 || src_pos + len > src_length then
    error "invalid source region (%d..%d) in source dynarray of length %d"
      "blit" src_pos (src_pos + len) src_length;
  if dst_pos < 0 || dst_pos > dst_length then
    error "invalid target region (%d..%d) in target dynarray of length %d"
      "blit" dst_pos (dst_pos + len) dst_length;
  ensure_capacity dst (dst_pos + len);
  finish "blit" src src_length;
  finish "blit" dst dst_length;
  blit_slots src src_pos dst dst_pos len

let append a b =
  let n = b.length in
  let rec try_append () =
    let length = a.length in
    if n <= capacity a - length then blit_slots b 0 a length n
    else begin
      ensure_extra_capacity a n;
      finish "append" b n;
      try_append ()
    end
  in
  try_append ();
  (* Appending an array to itself is an error too. *)
  finish "append" b n

(* Iteration *)

let iteri_named name f a =
  let slots = start a in
  let n = a.length in
  for i = 0 to n - 1 do f i (item a slots i n) done;
  finish name a n

let iteri f a = iteri_named "iteri" f a

let iter_named name f a =
  let slots = start a in
  let n = a.length in
  for i = 0 to n - 1 do f (item a slots i n) done;
  finish name a n

let iter f a = iter_named "iter" f a

let map f a =
  let slots = start a in
  let n = a.length in
  let images = Array.make n a.dummy in
  for i = 0 to n - 1 do
    Array.unsafe_set images i (store (f (item a slots i n)))
  done;
  finish "map" a n;
  { length = n; slots = images; dummy = a.dummy }

let mapi f a =
  let slots = start a in
  let n = a.length in
  let images = Array.make n a.dummy in
  for i = 0 to n - 1 do
    Array.unsafe_set images i (store (f i (item a slots i n)))
  done;
  finish "mapi" a n;
  { length = n; slots = images; dummy = a.dummy }

let fold_left f acc a =
  let slots = start a in
  let n = a.length in
  let acc = ref acc in
  for i = 0 to n - 1 do acc := f !acc (item a slots i n) done;
  finish "fold_left" a n;
  !acc

let fold_right f a acc =
  let slots = start a in
  let n = a.length in
  let acc = ref acc in
  for i = n - 1 downto 0 do acc := f (item a slots i n) !acc done;
  finish "fold_right" a n;
  !acc

let filter p a =
  let kept = create () in
  iter_named "filter" (fun v -> if p v then add_last kept v) a;
  kept

let filter_map f a =
  let kept = create () in
  iter_named "filter_map" (fun v -> Option.iter (add_last kept) (f v)) a;
  kept

(* Search *)

(* The first [Some] answer of [f]. *)
let search name f a =
  let slots = start a in
  let n = a.length in
  let rec from i =
    if i = n then None
    else
      match f i (item a slots i n) with
      | None -> from (i + 1)
      | found -> found
  in
  let result = from 0 in
  finish name a n;
  result

let find_mapi f a = search "find_mapi" f a
let find_map f a = search "find_map" (fun _ v -> f v) a

let find_opt p a =
  search "find_opt" (fun _ v -> if p v then Some v else None) a

let find_index p a =
  search "find_index" (fun i v -> if p v then Some i else None) a

(* Whether [p] holds at some index. *)
let some name p a =
  let slots = start a in
  let n = a.length in
  let rec from i = i < n && (p (item a slots i n) || from (i + 1)) in
  let result = from 0 in
  finish name a n;
  result

let exists p a = some "exists" p a
let for_all p a = not (some "for_all" (fun v -> not (p v)) a)
let mem v a = some "mem" (fun x -> Stdlib.compare x v = 0) a
let memq v a = some "memq" (fun x -> x == v) a

(* Two arrays of one length: the first answer of [f] that is not 0. *)
let compare_items name f a b =
  let slots_a = start a and slots_b = start b in
  let n = a.length in
  let rec from i =
    if i = n then 0
    else
      match f (item a slots_a i n) (item b slots_b i n) with
      | 0 -> from (i + 1)
      | order -> order
  in
  let result = from 0 in
  finish name a n;
  finish name b n;
  result

let exists2_named name p a b =
  let n1 = a.length and n2 = b.length in
  if n1 <> n2 then length_mismatch name n1 n2;
  compare_items name (fun x y -> if p x y then 1 else 0) a b <> 0

let exists2 p a b = exists2_named "exists2" p a b

let for_all2 p a b =
  not (exists2_named "for_all2" (fun x y -> not (p x y)) a b)

let equal eq a b =
  a.length = b.length
  && compare_items "equal" (fun x y -> if eq x y then 0 else 1) a b = 0

let compare cmp a b =
  if a.length <> b.length then a.length - b.length
  else compare_items "compare" cmp a b

(* Conversions *)

let of_array array =
  let n = Array.length array in
  let slots = Array.make n dummy in
  blit_from_array array slots 0;
  { length = n; slots; dummy }

let to_array a =
  let slots = start a in
  let n = a.length in
  let array = Array.init n (fun i -> item a slots i n) in
  finish "to_array" a n;
  array

let of_list l =
  let a = create () in
  ensure_capacity a (List.length l);
  append_list a l;
  fit_capacity a;
  a

let to_list a =
  let slots = start a in
  let n = a.length in
  let rec before i l =
    if i = 0 then l else before (i - 1) (item a slots (i - 1) n :: l)
  in
  let l = before n [] in
  finish "to_list" a n;
  l

let of_seq seq =
  let a = create () in
  append_seq a seq;
  a

let to_seq a =
  let slots = start a in
  let n = a.length in
  let rec from i () =
    finish "to_seq" a n;
    if i >= n then Seq.Nil else Seq.Cons (item a slots i n, from (i + 1))
  in
  from 0

let to_seq_rev a =
  let slots = start a in
  let n = a.length in
  let rec from i () =
    finish "to_seq_rev" a n;
    if i < 0 then Seq.Nil else Seq.Cons (item a slots i n, from (i - 1))
  in
  from (n - 1)

let to_seq_reentrant a =
  let rec from i () =
    if i >= a.length then Seq.Nil else Seq.Cons (get a i, from (i + 1))
  in
  from 0

let to_seq_rev_reentrant a =
  let rec from i () =
    let i = Int.min i (a.length - 1) in
    if i < 0 then Seq.Nil else Seq.Cons (get a i, from (i - 1))
  in
  from (a.length - 1)

let unsafe_to_iarray ~capacity fill =
  let a = create () in
  set_capacity a capacity;
  fill a;
  let slots = start a in
  let n = a.length in
  reset a;
  for i = 0 to n - 1 do ignore (item a slots i n) done;
  (* Floats are unboxed by [Array.init], as an immutable array of them is
     flat; other elements are taken with their array. *)
  let flat = n > 0 && Obj.tag (Obj.repr slots.(0)) = Obj.double_tag in
  if flat then Obj.magic (Array.init n (fun i -> item a slots i n))
  else if n = Array.length slots then Obj.magic slots
  else Obj.magic (Array.sub slots 0 n)
